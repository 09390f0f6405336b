# SPDX-License-Identifier: Apache-2.0
"""Numbered notifications, from senders to listeners of both sides, and what came of them.

The command under test is in GANTRY_COMMAND, the sender peers/notify_many.cpp in GANTRY_NOTIFY_MANY.
"""

import collections
import os
import pathlib
import subprocess
import sys
import time
import uuid

import versions
from lines import PATIENCE_SECONDS
from processes import Listener

PEERS = pathlib.Path(__file__).parent / "peers"
EXIT_SKIPPED = 77
PYTHON_SENDERS = 4


class Counted(Listener):
    """A listener, and the numbers in the payloads of what it took."""

    def __init__(self, name, command):
        super().__init__(command)
        self.name = name

    def numbers(self):
        return [each["payload"]["n"] for each in self.all()]


class Counting:
    """One run: a topic, its listeners and senders, and what came of them."""

    def __init__(self, title, url, count, interpreter=None):
        self.title, self.url, self.count = title, url, count
        self.interpreter = interpreter  # Python's, with the oslo.messaging that is meant
        self.topic = "counted-" + uuid.uuid4().hex[:12]
        self.pool = self.topic + "-pool"
        self.listeners = []
        self.started = time.monotonic()

    def gantry(self, name, *arguments):
        return self._listen(name, [os.environ["GANTRY_COMMAND"], "listen", self.url, "--json", "--topic", self.topic,
                                   *arguments])

    def python(self, name, *arguments):
        return self._listen(name, self._python("oslo_listener.py", *arguments))

    def send_from_gantry(self, publishers=("gantry",)):
        """Each publisher sends its share, side by side."""
        return [subprocess.Popen([os.environ["GANTRY_NOTIFY_MANY"], self.url, self.topic, *part, publisher],
                                 stdout=subprocess.DEVNULL)
                for part, publisher in zip(self._parts(len(publishers)), publishers)]

    def send_from_python(self):
        return [subprocess.Popen(self._python("oslo_notifier.py", *part), stdout=subprocess.DEVNULL)
                for part in self._parts(PYTHON_SENDERS)]

    def wait_until(self, reached):
        """Until that holds, or nothing comes any more."""
        with Listener.changed:
            while not reached() and Listener.changed.wait(PATIENCE_SECONDS):
                pass

    def received(self):
        return sum(len(each.lines) for each in self.listeners)

    def counts(self):
        together = collections.Counter()
        for each in self.listeners:
            together.update(each.numbers())
        return together

    def missing(self):
        return self.count - len(self.counts())

    def end(self, senders):
        """Stops the listeners, prints the figures, and tells what is wrong, and how many came twice."""
        wrong = [f"a sender ended with {code}" for each in senders if (code := each.wait(PATIENCE_SECONDS)) != 0]
        took = time.monotonic() - self.started
        for each in self.listeners:
            if each.alive() and (code := each.stop()) != 0:
                wrong.append(f"{each.name} ended with {code}: {''.join(each.errors)}")
        counts = self.counts()
        twice = sum(n - 1 for n in counts.values())
        print(f"{self.title}\n  sent        {self.count} in {took:.1f} s")
        for each in self.listeners:
            print(f"  {each.name:11} {len(each.numbers()):<8} {''.join(each.said('ledger: '))}".rstrip())
        print(f"  missing     {self.missing()}\n  duplicated  {twice}", flush=True)
        if self.missing():
            wrong.append(f"{self.missing()} never came")
        return wrong, twice

    def _parts(self, senders):
        """How many each of them sends, and from which number on."""
        share = -(-self.count // senders)
        return [(str(min(share, self.count - first)), str(first)) for first in range(0, self.count, share)]

    def _listen(self, name, command):
        self.listeners.append(Counted(name, command))
        self.listeners[-1].wait_until_ready()
        return self.listeners[-1]

    def _python(self, program, *arguments):
        return [self.interpreter, "-W", "ignore", str(PEERS / program), self.url, self.topic, *arguments]


def with_each_peer(run):
    """What is wrong with any version of oslo.messaging; nothing at all where there is none."""
    wrong = None
    for peer in versions.peers():
        if peer.missing:
            print(f"SKIPPED: {peer.missing}", file=sys.stderr)
        else:
            wrong = (wrong or []) + run(peer)
    return wrong


def exit_code(wrong):
    for each in wrong:
        print(f"WRONG: {each}", file=sys.stderr)
    return 1 if wrong else 0
