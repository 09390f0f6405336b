#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kafka that rejects, goes away and is killed: F1, F2, F3, F10, F11 and kills of a real node."""

import contextlib
import pathlib
import sys
import time
import unittest

from fault_case import FULL, FaultCase, size
from load import Load
import table

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
import mock_kafka  # noqa: E402
import real_kafka  # noqa: E402

# The mock takes about a session for each member that joins, and keeps a fetch that finds nothing until its time ends.
MOCK = "?session_timeout=4&kafka_consumer_timeout=0.05"


class KafkaCase(FaultCase):
    def load(self, url, verb, **settings):
        return Load(server_url=url, client_url=url, verb=verb, topic=self.topic(), settle_ms=60000, **settings)


class Mock(KafkaCase):
    @classmethod
    def setUpClass(cls):
        if not mock_kafka.installed():
            raise unittest.SkipTest("gantry-dev-kafka is not built")
        cls.broker = cls.enterClassContext(mock_kafka.MockKafka())
        cls.url = cls.broker.url + MOCK

    def test_F1_each_message_that_is_rejected_has_its_error(self):
        for error, kind in (("MSG_SIZE_TOO_LARGE", "MessageDeliveryFailure"),
                            ("TOPIC_AUTHORIZATION_FAILED", "AccessRefused")):
            with self.subTest(error), self.load(self.url, "notify", count=size(200, 2000), threads=1) as load:
                load.wait_sent(20)
                self.broker.command(f"errors produce {error} 5")
                report = self.holds(load, 10)
                self.assertEqual(report["errors"], {kind: 5})
                self.assertEqual(report["accepted"], report["delivered"])

    def test_F2_what_the_broker_says_to_try_again_is_sent_once(self):
        for error in ("NOT_LEADER_FOR_PARTITION", "REQUEST_TIMED_OUT"):
            with self.subTest(error), self.load(self.url, "notify", count=size(200, 2000), threads=1) as load:
                load.wait_sent(20)
                self.broker.command(f"errors produce {error} 5")
                report = self.holds(load, 10)
                self.assertEqual(report["accepted"], report["attempted"], report)

    def test_F3_a_broker_that_goes_away_for_a_while(self):
        for verb in ("call", "notify"):
            with self.subTest(verb), self.load(self.url, verb, count=size(400, 4000), threads=4, pace_ms=10,
                                               timeout_ms=30000) as load:
                load.wait_sent(100)
                self.broker.command("down all")
                time.sleep(size(2, 8))
                self.broker.command("up all")
                load.healed()
                report = self.holds(load, 30)
                self.recovered(report, 3)
                self.assertEqual(report["accepted"] + report["in_doubt"], report["attempted"], report)

    def test_F10_a_producer_with_a_fatal_error_is_replaced(self):
        with self.load(self.url, "notify", count=size(400, 4000), threads=4, pace_ms=5) as load:
            load.wait_sent(100)
            self.broker.command("errors produce OUT_OF_ORDER_SEQUENCE_NUMBER 1")
            report = self.holds(load, 10)
            self.assertLessEqual(report["in_doubt"], 4)
            self.assertEqual(report["accepted"] + report["in_doubt"], report["attempted"], report)
            self.assertIn("by a new one", load.log)


class Real(KafkaCase):
    @classmethod
    def setUpClass(cls):
        if reason := real_kafka.missing():
            raise unittest.SkipTest(reason)
        cls.broker = cls.enterClassContext(real_kafka.RealKafka())

    def killed(self, verb, count):
        with self.load(self.broker.url, verb, count=count, threads=16, pace_ms=10, timeout_ms=60000) as load:
            for part in (1 / 3, 1 / 2):
                load.wait_sent(count * part)
                self.broker.node(1).kill()
                self.broker.restart(1)
                load.healed()
            self.holds(load, 60, duplicates=count if verb == "notify" else 0)

    def test_F3_notifications_when_the_node_is_killed_twice(self):
        """What was handled and not committed when the node died comes again: a notification is handled at least once."""
        self.killed("notify", size(1000, 20000))

    def test_F3_calls_when_the_node_is_killed_twice(self):
        self.killed("call", size(500, 5000))


@unittest.skipUnless(FULL, "three nodes take too long to start; scripts/faults runs it")
class Cluster(KafkaCase):
    @classmethod
    def setUpClass(cls):
        if reason := real_kafka.missing():
            raise unittest.SkipTest(reason)

    def test_F3_each_node_is_killed_in_turn(self):
        for verb, count in (("notify", 20000), ("call", 5000)):
            with self.subTest(verb), real_kafka.RealKafka(3) as cluster, \
                    self.load(cluster.url, verb, count=count, threads=16, pace_ms=20, timeout_ms=60000) as load:
                for number in (1, 2, 3):
                    load.wait_sent(count * number / 5)
                    cluster.node(number).kill()
                    time.sleep(3)
                    cluster.restart(number)
                    load.healed()
                self.holds(load, 60, duplicates=count if verb == "notify" else 0)


def main():
    program = unittest.main(verbosity=2, exit=False)
    print(f"\n{table.markdown()}", flush=True)
    with contextlib.suppress(AttributeError):
        for _, reason in program.result.skipped:
            print(f"SKIPPED: {reason}", file=sys.stderr)
    sys.exit(not program.result.wasSuccessful())


if __name__ == "__main__":
    main()
