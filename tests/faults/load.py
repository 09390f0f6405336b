# SPDX-License-Identifier: Apache-2.0
"""Runs of fault_load and soak_load, the programs that send numbered messages and count what becomes of them."""

import contextlib
import json
import os
import subprocess
import threading
import time

PATIENCE_SECONDS = 300


class Load:
    """settings: what the program reads from its environment, in lower case (verb="call", count=100); and `label`,
    what the table calls this run, where that is not the verb."""

    PROGRAM = os.environ.get("GANTRY_FAULT_LOAD")

    def __init__(self, **settings):
        self.settings = settings
        environment = os.environ | {name.upper(): str(value) for name, value in settings.items()}
        self.log = ""
        self.report = None
        self.on_delivered = None  # told the number of each message, where it only serves
        self._sent = -1
        self._ready = False
        self._changed = threading.Condition()
        self._process = subprocess.Popen([self.PROGRAM], env=environment, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._readers = [threading.Thread(target=f) for f in (self._read_lines, self._read_log)]
        for reader in self._readers:
            reader.start()

    def __enter__(self):
        self._wait(lambda: self._ready)
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    @property
    def pid(self):
        return self._process.pid

    def kill(self):
        self._process.kill()

    def wait_sent(self, number):
        """Until the message of about this number has ended."""
        self._wait(lambda: self._sent >= number)

    def go(self):
        """Starts a load that was made with wait=1."""
        self._say("go")

    def go_on(self, until=None):
        """Lets a load that was made with hold_at=N begin the others, or those below this number: where the fault, or
        the word that it is over, comes late, the messages that are to meet it have not all been sent."""
        self._say(f"until {int(self.settings['count'] if until is None else until)}")

    def healed(self):
        """Recovery is counted from now."""
        self._say("healed")

    def delivered(self, number):
        """Another process got this message, which this one has sent."""
        self._say(f"delivered {number}")

    def result(self):
        self._wait(lambda: self.report is not None)
        return self.report

    def closed(self):
        """Whether the program came to its end by itself; the log is whole then."""
        code = self._process.wait(timeout=PATIENCE_SECONDS)
        for reader in self._readers:
            reader.join()
        return code == 0

    def _say(self, word):
        try:
            self._process.stdin.write(word + "\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass  # it has ended already

    def _wait(self, condition):
        with self._changed:
            done = self._changed.wait_for(lambda: condition() or self._process.poll() is not None,
                                          PATIENCE_SECONDS)
        if not done or not condition():
            self._process.kill()
            raise AssertionError(f"{self.PROGRAM} hangs or ended too soon; its log:\n{self.log}")

    def _read_lines(self):
        for line in self._process.stdout:
            word, _, rest = line.strip().partition(" ")
            with self._changed:
                self._hear(word, rest)
                self._changed.notify_all()
        with self._changed:
            self._process.wait()
            self._changed.notify_all()

    def _hear(self, word, rest):
        if word == "ready":
            self._ready = True
        elif word == "sent":
            self._sent = max(self._sent, int(rest))
        elif word == "delivered":
            self.on_delivered(int(rest))
        elif word == "report":
            self.report = json.loads(rest)
            self._process.stdin.close()  # there is nothing more to tell it

    def _read_log(self):
        for line in self._process.stderr:
            self._log_line(line)

    def _log_line(self, line):
        self.log += line


class SoakLoad(Load):
    PROGRAM = os.environ.get("GANTRY_SOAK_LOAD")

    def __init__(self, **settings):
        self.log_lines = []  # (seconds since the start, the line)
        self._began = time.monotonic()
        self._so_far = None
        super().__init__(**settings)

    def fault(self):
        """Latencies do not count from now until some time after `healed`."""
        self._say("fault")

    def so_far(self):
        """What became of what was sent since the last time."""
        self._so_far = None
        self._say("tell")
        self._wait(lambda: self._so_far is not None)
        return self._so_far

    def _hear(self, word, rest):
        super()._hear(word, rest)
        if word == "sofar":
            self._so_far = json.loads(rest)

    def _log_line(self, line):
        self.log = (self.log + line)[-20_000:]
        self.log_lines.append((time.monotonic() - self._began, line.split(" ", 1)[1].strip()))
