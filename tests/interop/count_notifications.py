#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Counts notifications, on both sides and through a kill: count_notifications.py [COUNT [KILLED]]

Runs beside a broker (tests/integration/rabbit_broker.py) with the command under test in GANTRY_COMMAND and
the sender peers/notify_many.cpp in GANTRY_NOTIFY_MANY. Prints for each run what was sent, what each
listener received, what is missing and what came twice:

  COUNT of Python's into a pool of two gantry listeners and a Python one: each exactly once in total
  COUNT of gantry's into a Python listener: each exactly once
    (both with every version of oslo.messaging there is)
  KILLED of gantry's into a pool of three gantry listeners, of which one is killed with SIGKILL in the middle:
  each at least once

Exit code 77: the peer is missing.
"""

import collections
import os
import pathlib
import signal
import subprocess
import sys
import time
import uuid

import kombu

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

    def send_from_gantry(self):
        return [subprocess.Popen([os.environ["GANTRY_NOTIFY_MANY"], self.url, self.topic, str(self.count)],
                                 stdout=subprocess.DEVNULL)]

    def send_from_python(self):
        share = -(-self.count // PYTHON_SENDERS)
        return [subprocess.Popen(self._python("oslo_notifier.py", str(min(share, self.count - first)), str(first)),
                                 stdout=subprocess.DEVNULL)
                for first in range(0, self.count, share)]

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

    def end(self, senders, left_in):
        """Stops the listeners, prints the figures, and tells what is wrong."""
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
        left = waiting_in(self.url, left_in)
        print(f"  missing     {self.missing()}\n  duplicated  {twice}\n  left over   {left}", flush=True)
        if self.missing():
            wrong.append(f"{self.missing()} never came")
        if left:
            wrong.append(f"{left} are left in {left_in}")
        return wrong, twice

    def _listen(self, name, command):
        self.listeners.append(Counted(name, command))
        self.listeners[-1].wait_until_ready()

    def _python(self, program, *arguments):
        return [self.interpreter, "-W", "ignore", str(PEERS / program), self.url, self.topic, *arguments]


def waiting_in(url, queue):
    with kombu.Connection(url.replace("rabbit://", "amqp://")) as connection, connection.channel() as channel:
        return channel.queue_declare(queue, passive=True).message_count


def exactly_once(counting, senders, left_in):
    counting.wait_until(lambda: counting.received() >= counting.count)
    wrong, twice = counting.end(senders, left_in)
    return wrong + ([f"{twice} came twice"] if twice else [])


def python_into_a_mixed_pool(url, count, peer):
    counting = Counting(f"{peer.version}'s, into a pool of two gantry listeners and a Python one", url, count,
                        peer.interpreter)
    counting.gantry("gantry 1", "--pool", counting.pool)
    counting.gantry("gantry 2", "--pool", counting.pool)
    counting.python("Python", "--pool", counting.pool)
    wrong = exactly_once(counting, counting.send_from_python(), counting.pool)
    return wrong + [f"{each.name} had no share" for each in counting.listeners if not each.lines]


def gantry_into_python(url, count, peer):
    counting = Counting(f"gantry's, into a listener of {peer.version}", url, count, peer.interpreter)
    counting.python("Python")
    return exactly_once(counting, counting.send_from_gantry(), counting.topic + ".info")


def killed_in_the_middle(url, count):
    counting = Counting("gantry's, into a pool of three gantry listeners, one killed in the middle", url, count)
    for name in ("gantry 1", "gantry 2", "killed"):
        counting.gantry(name, "--pool", counting.pool)
    senders = counting.send_from_gantry()
    counting.wait_until(lambda: counting.received() >= count // 3)
    code = counting.listeners[-1].kill()
    counting.wait_until(lambda: counting.received() >= count and not counting.missing())
    wrong, _ = counting.end(senders, counting.pool)
    return wrong if code == -signal.SIGKILL else wrong + [f"the one to be killed ended before, with {code}"]


def main(count="2000", killed="2000"):
    url = os.environ["GANTRY_TEST_RABBIT"]
    wrong, there = [], []
    for peer in versions.peers():
        if peer.missing:
            print(f"SKIPPED: {peer.missing}", file=sys.stderr)
            continue
        there.append(peer)
        wrong += python_into_a_mixed_pool(url, int(count), peer) + gantry_into_python(url, int(count), peer)
    if not there:
        return EXIT_SKIPPED
    wrong += killed_in_the_middle(url, int(killed))
    for each in wrong:
        print(f"WRONG: {each}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
