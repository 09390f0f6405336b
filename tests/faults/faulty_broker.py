# SPDX-License-Identifier: Apache-2.0
"""A private broker that is killed, stopped and alarmed."""

import contextlib
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
import rabbit_broker  # noqa: E402


def run(command, environment=None):
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
    return done.stdout


class FaultyBroker(rabbit_broker.Broker):
    def start(self):
        super().start()
        self._command = self.processes[-1].args

    def _server_environment(self, node, distribution_port):
        self._environment = super()._server_environment(node, distribution_port)
        return self._environment

    def kill(self):
        """SIGKILL, as a power cut: nothing is saved that was not on disk."""
        server = self.processes.pop()
        server.kill()
        server.wait()

    def restart(self):
        """The killed node again, on the same port with what it had on disk."""
        self.deadline = time.monotonic() + rabbit_broker.START_SECONDS
        self._spawn(self._command, self._environment)
        self._await_start()

    def pause(self):
        self.processes[-1].send_signal(signal.SIGSTOP)

    def resume(self):
        self.processes[-1].send_signal(signal.SIGCONT)

    def ctl(self, *arguments):
        return run([str(self.control), "-q", *arguments])

    @contextlib.contextmanager
    def disk_alarm(self):
        """Publishers are blocked meanwhile."""
        self.ctl("set_disk_free_limit", "1000000GB")
        try:
            yield
        finally:
            self.ctl("set_disk_free_limit", "1MB")

    def delete_queue(self, name):
        """Returns once nothing can get into the deleted queue any more. The command `delete_queue` returns a moment
        before its process ends, and what is routed to it until then is confirmed and gone: RabbitMQ's own doing."""
        self.ctl("eval", f"""{{ok, Queue}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"{name}">>)),
            Ended = monitor(process, amqqueue:get_pid(Queue)),
            {{ok, _}} = rabbit_amqqueue:delete(Queue, false, false, <<"test">>),
            receive {{'DOWN', Ended, _, _, _}} -> ok end.""")

    @contextlib.contextmanager
    def memory_alarm(self):
        """Publishers are blocked meanwhile."""
        self.ctl("set_vm_memory_high_watermark", "0")
        try:
            yield
        finally:
            self.ctl("set_vm_memory_high_watermark", "0.4")
