#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command beside a private RabbitMQ broker: rabbit_broker.py -- COMMAND...

The command finds the broker's URL in GANTRY_TEST_RABBIT, its process id in GANTRY_TEST_RABBIT_PID and a
rabbitmqctl that reaches it in GANTRY_TEST_RABBITMQCTL. The exit code is the command's own; 77 means that
RabbitMQ is not installed. Each run has its own ports, node name, cookie and directories, so any number of
them can stand side by side, and nothing is left behind: broker and port mapper die with this process.
"""

import os
import pathlib
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import beside
from beside import EXIT_SKIPPED, BrokerError, die_with_parent, free_ports

# The programs themselves: the wrappers of the same name in /usr/sbin insist on the user rabbitmq.
PROGRAMS = pathlib.Path("/usr/lib/rabbitmq/bin")
START_SECONDS = 180


def installed():
    return (PROGRAMS / "rabbitmq-server").exists() and shutil.which("epmd") is not None


def speaks_amqp(port):
    """Whether the port answers an AMQP 0-9-1 header with a method frame (connection.start)."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
            s.sendall(b"AMQP\x00\x00\x09\x01")
            return s.recv(1) == b"\x01"
    except OSError:
        return False


class Broker:
    """One RabbitMQ node with its own port mapper, all of it in one temporary directory."""

    plugins = ()

    def __init__(self):
        self.directory = None
        self.processes = []
        self.port = 0

    def __enter__(self):
        """A port found free may be taken before the broker binds it; so a failed start is tried again."""
        self.deadline = time.monotonic() + START_SECONDS
        for attempts_left in (2, 1, 0):
            try:
                self.start()
                return self
            except BrokerError:
                self.stop()
                if attempts_left == 0:
                    raise
            except BaseException:
                self.stop()
                raise

    def __exit__(self, *_):
        self.stop()

    @property
    def url(self):
        return f"rabbit://guest:guest@127.0.0.1:{self.port}/"

    @property
    def control(self):
        """A rabbitmqctl that speaks to this broker."""
        return self.directory / "rabbitmqctl"

    @property
    def pid(self):
        return self.processes[-1].pid

    def start(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="gantry-rabbit-"))
        self.port, epmd_port, distribution_port = free_ports(3)
        node = self._node_environment(epmd_port)
        self._write_files(node)
        self._spawn(["epmd", "-port", str(epmd_port), "-address", "127.0.0.1"], dict(os.environ))
        self._spawn([str(PROGRAMS / "rabbitmq-server")], self._server_environment(node, distribution_port))
        self._await_start()

    def stop(self):
        """At once: nothing in the broker outlives the run, so it need not be asked to save anything."""
        while self.processes:
            process = self.processes.pop()
            process.kill()
            process.wait()
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)
            self.directory = None

    def _node_environment(self, epmd_port):
        """What the server and rabbitmqctl must agree on to mean this node and no other."""
        return {
            "HOME": str(self.directory),  # where Erlang looks for its cookie
            "ERL_EPMD_PORT": str(epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"gantry-{secrets.token_hex(6)}@localhost",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CTL_DIST_PORT_MIN": "0",
            "RABBITMQ_CTL_DIST_PORT_MAX": "0",
        }

    def _write_files(self, node):
        cookie = self.directory / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)
        settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in node.items())
        self.control.write_text(f'#!/bin/sh\n{settings} exec {PROGRAMS}/rabbitmqctl "$@"\n')
        self.control.chmod(0o700)
        (self.directory / "enabled_plugins").write_text(f"[{', '.join(self.plugins)}].\n")
        (self.directory / "rabbitmq.conf").write_text(self._configuration())

    def _configuration(self):
        return (
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            "disk_free_limit.absolute = 1MB\n"
            "log.console = true\n"
            "log.console.level = info\n"
            "log.file = false\n"
        )

    def _server_environment(self, node, distribution_port):
        foreign = ("RABBITMQ_", "ERL_", "NOTIFY_SOCKET")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(foreign)} | node
        here = self.directory
        return environment | {
            "RABBITMQ_DIST_PORT": str(distribution_port),
            "RABBITMQ_CONFIG_FILE": str(here / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(here / "advanced.config"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(here / "generated"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(here / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(here / "mnesia"),
            "RABBITMQ_LOG_BASE": str(here / "log"),
            "RABBITMQ_PID_FILE": str(here / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}",
            # The script then becomes the broker instead of staying beside it: one process to end.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _spawn(self, command, environment):
        with open(self.directory / "output", "ab") as output:
            self.processes.append(subprocess.Popen(
                command, env=environment, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True, preexec_fn=die_with_parent))

    def _await_start(self):
        while not speaks_amqp(self.port):
            for process in self.processes:
                if process.poll() is not None:
                    raise BrokerError(f"{process.args[0]} exited with {process.returncode}\n{self._output()}")
            if time.monotonic() > self.deadline:
                raise BrokerError(f"no answer within {START_SECONDS} s\n{self._output()}")
            time.sleep(0.05)

    def _output(self):
        lines = (self.directory / "output").read_text(errors="replace").splitlines()
        return "\n".join(lines[-40:])


def run_beside(broker, command, variables=None):
    return beside.run(command, {
        "GANTRY_TEST_RABBIT": broker.url,
        "GANTRY_TEST_RABBIT_PID": str(broker.pid),
        "GANTRY_TEST_RABBITMQCTL": str(broker.control),
    } | (variables or {}))


def run_with_broker(command):
    with Broker() as broker:
        return run_beside(broker, command)


def main(arguments, usage=__doc__, run=None):
    """`run` starts what it needs and runs a command beside it; its result is the command's exit code."""
    if len(arguments) < 2 or arguments[0] != "--":
        print(usage.splitlines()[0], file=sys.stderr)
        return 2
    if not installed():
        print(f"SKIPPED: RabbitMQ is not installed ({PROGRAMS}/rabbitmq-server and epmd); "
              "install the package rabbitmq-server", file=sys.stderr)
        return EXIT_SKIPPED
    return beside.until_signalled(lambda: (run or run_with_broker)(arguments[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
