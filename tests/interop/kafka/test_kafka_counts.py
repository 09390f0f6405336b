# SPDX-License-Identifier: Apache-2.0
"""Many notifications each way: nothing lost, how many came twice, the order, and how long it took.

2,000 each way; beside a real broker 100,000 where GANTRY_INTEROP is `full`.
"""

import collections
import json
import os
import subprocess
import sys
import time

from kafka_case import IS_MOCK, PEERS, KafkaCase, url
from lines import PATIENCE_SECONDS
from processes import Listener

COUNT = 100_000 if os.environ.get("GANTRY_INTEROP") == "full" and not IS_MOCK else 2_000
PUBLISHERS = 4


class Counted:
    """What a listener took, by publisher, in the order of its lines."""

    def __init__(self, listener):
        self.listener = listener
        self.read = 0
        self.taken = []
        self.distinct = set()

    def all_came(self):
        lines = self.listener.lines
        while self.read < len(lines):
            notification = json.loads(lines[self.read])
            self.read += 1
            self.taken.append((notification["publisher_id"], notification["payload"]["n"]))
            self.distinct.add(self.taken[-1])
        return len(self.distinct) >= COUNT

    def by_publisher(self):
        found = collections.defaultdict(list)
        for publisher, n in self.taken:
            found[publisher].append(n)
        return found


class Counts(KafkaCase):

    def test_WIRE_11_from_python_to_gantry_nothing_is_lost_and_partitions_keep_their_order(self):
        """Python's notifier lets each notification go to any partition, so a publisher's order is not kept by it."""
        listener = self.gantry_listener("--priority", "info")
        counted = self.count("Python to gantry", self.python_sender, listener)
        place = {n: at for at, (_, n) in enumerate(counted.taken)}
        partitions = collections.defaultdict(list)
        for partition, _, n in self.stored():
            partitions[partition].append(place[n])
        for number, places in partitions.items():
            self.assertTrue(is_sorted(places), f"partition {number}")
        self.assertEqual(listener.stop(), 0, listener.errors)
        self.assert_nothing_left()

    def test_WIRE_11_from_gantry_to_python_nothing_is_lost(self):
        self.begin(self.group)
        command = [sys.executable, "-W", "ignore", str(PEERS / "oslo_listener.py"), url(), self.topic]
        listener = self.enterContext(Listener([*command, "--pool", self.group]))
        self.count("gantry to Python", self.gantry_sender, listener)

    def test_WIRE_11_from_gantry_to_gantry_each_publisher_keeps_its_order(self):
        listener = self.gantry_listener("--priority", "info")
        counted = self.count("gantry to gantry", self.gantry_sender, listener)
        for publisher, numbers in counted.by_publisher().items():
            self.assertTrue(is_sorted(numbers), publisher)
        self.assertEqual(len({(publisher, partition) for partition, publisher, _ in self.stored()}), PUBLISHERS)
        self.assertEqual(listener.stop(), 0, listener.errors)
        self.assert_nothing_left()

    def stored(self):
        """Partition, publisher and number of each record, in the order of each partition."""
        for record in self.raw.records(f"{self.topic}.info"):
            notification = json.loads(json.loads(record.value)["oslo.message"])
            yield record.partition, notification["publisher_id"], notification["payload"]["n"]

    def python_sender(self, share, first, publisher):
        return [sys.executable, "-W", "ignore", str(PEERS / "oslo_notifier.py"), url(), self.topic, share, first,
                "messagingv2", publisher]

    def gantry_sender(self, share, first, publisher):
        return [os.environ["GANTRY_NOTIFY_MANY"], url(), self.topic, share, first, publisher]

    def count(self, title, sender, listener):
        """Sends and receives; what came, when all did."""
        share = COUNT // PUBLISHERS
        counted = Counted(listener)
        began = time.monotonic()
        senders = [subprocess.Popen(sender(str(share), str(n * share), f"host-{n}"), stdout=subprocess.DEVNULL)
                   for n in range(PUBLISHERS)]
        for each in senders:
            self.assertEqual(each.wait(), 0, each.args)
        sent = time.monotonic() - began
        self.wait_until(counted.all_came)
        took = time.monotonic() - began
        missing, twice = COUNT - len(counted.distinct), len(counted.taken) - len(counted.distinct)
        print(f"{title}: {COUNT} of {PUBLISHERS} publishers sent in {sent:.1f} s ({COUNT / sent:,.0f} a second, the "
              f"programs' start included), received after {took:.1f} s ({COUNT / took:,.0f} a second); {missing} "
              f"missing, {twice} came twice", flush=True)
        self.assertEqual(missing, 0, "".join(listener.errors))
        return counted

    def wait_until(self, reached):
        """Until that holds, or nothing comes any more."""
        with Listener.changed:
            while not reached() and Listener.changed.wait(PATIENCE_SECONDS):
                pass


def is_sorted(numbers):
    return all(one <= other for one, other in zip(numbers, numbers[1:], strict=False))
