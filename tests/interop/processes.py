# SPDX-License-Identifier: Apache-2.0
"""Servers, listeners and commands as processes: started, heard, ended."""

import collections
import dataclasses
import json
import subprocess
import threading
import time

from lines import PATIENCE_SECONDS, Lines

# Output that is not UTF-8 is no reason to stop reading; it shows as surrogates.
TEXT = {"encoding": "utf-8", "errors": "surrogateescape"}


class Server(Lines):
    """A process that prints `serving …` when it is ready and a line for each request. Ended with the scope."""

    def __init__(self, command, stdin=subprocess.DEVNULL):
        super().__init__()
        self.process = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **TEXT)
        self.errors = collections.deque(maxlen=50)
        self.readers = [threading.Thread(target=self._read, args=pair) for pair in (
            (self.process.stdout, self.lines), (self.process.stderr, self.errors))]
        for reader in self.readers:
            reader.start()

    def wait_until_ready(self):
        self.wait_for(lambda line: line.startswith("serving "))

    def __enter__(self):
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Asks it to end, and returns its exit code."""
        self.process.terminate()
        return self._ended()

    def kill(self):
        """SIGKILL, in the midst of whatever it does."""
        self.process.kill()
        return self._ended()

    def alive(self):
        return self.process.poll() is None

    def speaks(self):
        return self.readers[0].is_alive()

    def failed(self, seen):
        return AssertionError(f"{self.process.args}: waited in vain; it wrote {seen[-20:]}\n" + "".join(self.errors))

    def _ended(self):
        try:
            return self.process.wait(timeout=PATIENCE_SECONDS)
        finally:
            self.process.kill()
            for reader in self.readers:
                reader.join()
            self.process.stdout.close()
            self.process.stderr.close()

    def _read(self, stream, into):
        for line in stream:
            with self.changed:
                into.append(line)
                self.changed.notify_all()


class Listener(Server):
    """A process that says `listening to …` on standard error when it is ready and prints an object a notification."""

    def wait_until_ready(self):
        self.wait_for(lambda line: line.startswith("listening to "), among=self.errors)

    def notifications(self, count):
        """The first `count` of them; waits until they are there."""
        return [json.loads(line) for line in self.wait_for(lambda line: True, count)]

    def all(self):
        """Those that came until now, without the half of one that a kill left."""
        with self.changed:
            return [json.loads(line) for line in self.lines if line.endswith("\n")]

    def said(self, beginning):
        with self.changed:
            return [line.strip() for line in self.errors if line.startswith(beginning)]


@dataclasses.dataclass
class Finished:
    code: int
    out: str
    err: str
    seconds: float

    def json(self):
        return json.loads(self.out)


class Gantry:
    """The command under test, against one broker."""

    def __init__(self, executable, url):
        self.executable = executable
        self.url = url

    def run(self, *arguments, stdin=None):
        started = time.monotonic()
        done = subprocess.run([self.executable, *arguments], input=stdin, capture_output=True,
                              timeout=PATIENCE_SECONDS, **TEXT)
        return Finished(done.returncode, done.stdout, done.stderr, time.monotonic() - started)

    def call(self, topic, method, *arguments, url=None, stdin=None):
        return self.run("call", url or self.url, topic, method, *arguments, stdin=stdin)

    def cast(self, topic, method, *arguments):
        return self.run("cast", self.url, topic, method, *arguments)

    def serve(self, topic, server, *arguments, url=None):
        return Server([self.executable, "serve", url or self.url, "--topic", topic, "--server", server, *arguments])

    def notify(self, topic, *arguments, stdin=None):
        return self.run("notify", self.url, "--topic", topic, *arguments, stdin=stdin)

    def listen(self, topic, *arguments):
        return Listener([self.executable, "listen", self.url, "--json", "--topic", topic, *arguments])


class Caller(Server):
    """A client of gantry that lives on (peers/gantry_caller.cpp). One call at a time."""

    def __init__(self, executable, url):
        super().__init__([executable, url], stdin=subprocess.PIPE)
        self.asked = 0

    def wait_until_ready(self):
        pass  # it connects when it calls

    def __exit__(self, *_):
        self.process.stdin.close()
        super().__exit__()

    def begin(self, topic, method, args=None, **how):
        self.asked += 1
        self.process.stdin.write(json.dumps({"topic": topic, "method": method, "args": args or {}} | how) + "\n")
        self.process.stdin.flush()

    def outcome(self):
        """Of the call that was begun: {"result": …} or {"error": …}."""
        return json.loads(self.wait_for(lambda line: True, self.asked)[-1])

    def call(self, topic, method, args=None, **how):
        self.begin(topic, method, args, **how)
        return self.outcome()
