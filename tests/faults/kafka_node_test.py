#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real nodes that are killed and answers that are lost: F3 and F4."""

import time
import unittest

from fault_case import FULL, run_cases, size
from frames import PRODUCE
from kafka_case import KafkaCase, RealCase
from tcp_proxy import DOWN
import real_kafka

THREADS = 16


class Node(RealCase):
    def killed(self, verb, count, timeout):
        """While servers come and go, which moves the partitions of those that stay."""
        with self.load(self.url, verb, count=count, threads=THREADS, pace_ms=10, visitors=1, stay_ms=size(700, 2000),
                       timeout_ms=1000 * timeout) as load:
            for part in size((1 / 3,), (1 / 3, 1 / 2)):
                load.wait_sent(count * part)
                self.broker.node(1).kill()
                self.broker.restart(1)
                load.healed()
            self.holds(load, timeout, duplicates=count if verb == "notify" else 0)

    def test_F3_notifications_when_the_node_is_killed(self):
        """What was handled and not committed when the node died comes again: a notification is handled at least once."""
        self.killed("notify", size(1000, 20000), 60)

    def test_F3_calls_when_the_node_is_killed(self):
        """One whose request the dead node has may never be handed out: it ends at its deadline."""
        self.killed("call", size(500, 5000), size(20, 60))

    def test_F4_what_an_answer_was_lost_of_is_stored_once(self):
        """The broker has the records, and the connection dies before it says so, again and again."""
        for verb in ("notify", "call"):
            count, cuts = size(200, 2000), self.proxy.cuts
            with self.subTest(verb), self.load(self.url, verb, client_url=f"kafka://{self.proxy.host}/", count=count,
                                               threads=THREADS, pace_ms=20, timeout_ms=30000,
                                               hold_at=count * 0.3) as load:
                for part in (0.2, 0.4, 0.6):
                    load.wait_sent(count * part)
                    self.proxy.cut_at(DOWN, PRODUCE, times=3)
                    load.go_on(until=count * (part + 0.3))
                    cuts += 3
                    self.proxy.wait_cuts(cuts)
                    load.healed()
                load.go_on()
                report = self.holds(load, 30)
                self.assertEqual(report["accepted"], count, report)


@unittest.skipUnless(FULL, "three nodes take too long to start; scripts/faults runs it")
class Cluster(KafkaCase):
    @classmethod
    def setUpClass(cls):
        if reason := real_kafka.missing():
            raise unittest.SkipTest(reason)

    def killed_in_turn(self, verb, count):
        with real_kafka.RealKafka(3) as cluster, \
                self.load(cluster.url, verb, count=count, threads=THREADS, pace_ms=20, visitors=1,
                          timeout_ms=60000) as load:
            for number in (1, 2, 3):
                load.wait_sent(count * number / 5)
                cluster.node(number).kill()
                time.sleep(3)
                cluster.restart(number)
                load.healed()
            self.holds(load, 60, duplicates=count if verb == "notify" else 0)

    def test_F3_notifications_when_each_node_is_killed_in_turn(self):
        self.killed_in_turn("notify", 20000)

    def test_F3_calls_when_each_node_is_killed_in_turn(self):
        self.killed_in_turn("call", 5000)


if __name__ == "__main__":
    run_cases("__main__")
