# SPDX-License-Identifier: Apache-2.0
"""What every private broker of the tests needs: ports, processes that die with the test, a command beside it."""

import ctypes
import os
import signal
import socket
import subprocess
import sys

EXIT_SKIPPED = 77


class BrokerError(Exception):
    pass


def free_ports(count):
    """Ports that nobody listens on. All are held at once, so that they differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def die_with_parent():
    """Runs in the child before exec: the kernel kills it when this process ends, however it ends."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def run(command, variables):
    """Runs a command with these in its environment; its exit code, or 128 and the signal that ended it."""
    process = subprocess.Popen(command, env=os.environ | variables, preexec_fn=die_with_parent)
    try:
        code = process.wait()
    except BaseException:
        process.terminate()
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise
    return code if code >= 0 else 128 - code


def until_signalled(run_with_broker):
    """What `run_with_broker` returns; a signal ends it in order."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _exit_on_signal)
    try:
        return run_with_broker()
    except BrokerError as e:
        print(f"error: the broker did not start: {e}", file=sys.stderr)
        return 1


def _exit_on_signal(number, _):
    raise SystemExit(128 + number)
