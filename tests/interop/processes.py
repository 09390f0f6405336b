# SPDX-License-Identifier: Apache-2.0
"""Servers, listeners and commands as processes: started, heard, ended."""

import collections
import dataclasses
import json
import subprocess
import sys
import threading
import time

# A wait ends when what it waits for comes. This bound is for what never comes, on any machine.
PATIENCE_SECONDS = 120

# Output that is not UTF-8 is no reason to stop reading; it shows as surrogates.
TEXT = {"encoding": "utf-8", "errors": "surrogateescape"}


class Server:
    """A process that prints `serving …` when it is ready and a line for each request. Ended with the scope."""

    changed = threading.Condition()  # of all processes, so that a test can wait for any of them

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **TEXT)
        self.lines = []
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
        try:
            return self.process.wait(timeout=PATIENCE_SECONDS)
        finally:
            self.process.kill()
            for reader in self.readers:
                reader.join()
            self.process.stdout.close()
            self.process.stderr.close()

    def alive(self):
        return self.process.poll() is None

    def wait_for(self, matches, count=1, among=None):
        """The first `count` lines that match; waits until they are there."""
        among = self.lines if among is None else among
        deadline = time.monotonic() + PATIENCE_SECONDS
        with self.changed:
            while len(found := [line for line in among if matches(line)]) < count:
                rest = deadline - time.monotonic()
                if rest <= 0 or not self.readers[0].is_alive():
                    raise AssertionError(f"{self.process.args}: waited in vain; it wrote {self.lines[-20:]}\n"
                                         + "".join(self.errors))
                self.changed.wait(min(rest, 1))
        return found[:count]

    def count(self, matches):
        with self.changed:
            return sum(1 for line in self.lines if matches(line))

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
        """Those that came until now."""
        with self.changed:
            return [json.loads(line) for line in self.lines]

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

    def serve(self, topic, server, *arguments):
        return Server([self.executable, "serve", self.url, "--topic", topic, "--server", server, *arguments])

    def notify(self, topic, *arguments, stdin=None):
        return self.run("notify", self.url, "--topic", topic, *arguments, stdin=stdin)

    def listen(self, topic, *arguments):
        return Listener([self.executable, "listen", self.url, "--json", "--topic", topic, *arguments])


class Python:
    """The oslo.messaging peers, against one broker."""

    def __init__(self, peers, url):
        self.peers = peers
        self.url = url

    def serve(self, topic, server):
        return Server([sys.executable, str(self.peers / "oslo_server.py"), self.url, topic, server])

    def listen(self, topic, *arguments):
        return Listener([sys.executable, str(self.peers / "oslo_listener.py"), self.url, topic, *arguments])
