#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Brokers that refuse records, are slow and go away, as those who send see them: F1, F2, F3, F5, F8, F10."""

import contextlib
import time

from fault_case import run_cases, size
from kafka_case import MockCase, mock_query

# After a longer outage the servers have to join again, which takes three seconds with the mock.
RECOVERY_SECONDS = {"notify": 3, "call": 5}


class Producer(MockCase):
    @contextlib.contextmanager
    def slowly(self, answer):
        """Each answer of the broker comes so much later."""
        self.broker.command(f"rtt all {answer}")
        try:
            yield
        finally:
            self.broker.command("rtt all 0ms")

    def test_F1_each_message_that_is_rejected_has_its_error(self):
        count = size(400, 4000)
        with self.load(self.url, "notify", count=count, threads=1, hold_at=count * 0.4) as load:
            for part, error in ((0.2, "MSG_SIZE_TOO_LARGE"), (0.6, "TOPIC_AUTHORIZATION_FAILED")):
                load.wait_sent(count * part)
                self.broker.command(f"errors produce {error} 5")
                load.go_on(until=count * (part + 0.6))
            load.go_on()
            report = self.holds(load, 10)
            self.assertEqual(report["errors"], {"MessageDeliveryFailure": 5, "AccessRefused": 5})
            self.assertEqual(report["accepted"], report["delivered"])

    def test_F2_what_the_broker_says_to_try_again_is_sent_once(self):
        count = size(400, 4000)
        with self.load(self.url, "notify", count=count, threads=1, hold_at=count * 0.4) as load:
            for part, error in ((0.2, "NOT_LEADER_FOR_PARTITION"), (0.6, "REQUEST_TIMED_OUT")):
                load.wait_sent(count * part)
                self.broker.command(f"errors produce {error} 5")
                load.go_on(until=count * (part + 0.6))
            load.go_on()
            report = self.holds(load, 10)
            self.assertEqual(report["accepted"], report["attempted"], report)

    def test_F2_what_a_broker_refused_is_not_accepted_because_it_took_the_next(self):
        """A broker that does not know a producer yet takes its second batch first; the mock knows none ever. On a busy
        machine the first may have been refused before the second is under way, and is sent again."""
        alone = "&producer_batch_size=1"
        with self.load(self.url + alone, "notify", count=8, threads=8, wait=1) as load, self.slowly("0.3s"):
            self.broker.command("errors produce NOT_LEADER_FOR_PARTITION 1")
            load.go()
            report = self.holds(load, 10)
            self.assertEqual(report["accepted"] + report["in_doubt"], report["attempted"], report)
            self.assertLessEqual(report["in_doubt"], 1, report)

    def test_F3_a_broker_that_goes_away_for_a_while(self):
        for verb in ("call", "notify"):
            with self.subTest(verb), self.load(self.url, verb, count=size(400, 4000), threads=4, pace_ms=10,
                                               timeout_ms=30000, hold_at=size(360, 3600)) as load:
                load.wait_sent(100)
                self.broker.command("down all")
                time.sleep(size(2, 8))
                self.broker.command("up all")
                load.healed()
                load.go_on()
                report = self.holds(load, 30)
                self.recovered(report, RECOVERY_SECONDS[verb])
                self.assertEqual(report["accepted"] + report["in_doubt"], report["attempted"], report)

    def test_F5_closing_sends_what_is_queued(self):
        with self.load(self.url + "&close_timeout=60", "notify", count=110, at_close=100, wait=1) as load, \
                self.slowly("300ms"):
            load.go()
            report = self.holds(load, 60)
            self.assertEqual(report["accepted"], 110, report)

    def test_F5_closing_tells_of_each_that_it_did_not_send(self):
        with self.load(self.url + "&close_timeout=0.5", "notify", count=110, at_close=100, timeout_ms=60000,
                       wait=1) as load, self.slowly("2s"):
            load.go()
            report = self.holds(load, 60)
            self.assertEqual(report["never_ended"], 0, report)
            self.assertGreater(report["in_doubt"], 0, report)
            self.assertEqual(report["accepted"] + report["in_doubt"], 110, report)
            self.assertLessEqual(report["errors"].keys(), {"MessageInDoubt", "TransportClosed"}, report)

    def test_F3_a_broker_that_is_away_at_first(self):
        for verb in size(("call",), ("call", "notify")):
            with self.subTest(verb), self.load(self.url, verb, count=100, timeout_ms=30000, wait=1) as load:
                self.broker.command("down all")
                load.go()
                time.sleep(size(2, 8))  # some attempts end in vain
                self.broker.command("up all")
                load.healed()
                report = self.holds(load, 30)
                self.recovered(report, RECOVERY_SECONDS[verb])
                self.assertEqual(report["accepted"], 100, report)

    def test_F4_brokers_that_are_slow_and_go_away(self):
        """Each answer takes longer than a first attempt has, and those under way are lost.

        A member gets into its group if two answers fit into its session, and it takes from three to seven until the
        coordinator hears of it again. The listener's session, in full, has room for two: it is lost, and the listener
        joins again. The servers' has room for all: their calls have a deadline.
        """
        for verb, session in size((("notify", 4),), (("notify", 8), ("call", 30))):
            url = self.broker.url + mock_query(session_timeout=session)
            with self.subTest(verb), self.load(url, verb, count=size(32, 100), threads=16, timeout_ms=90000,
                                               wait=1) as load, self.slowly(size("1s", "3s")):
                load.go()
                load.wait_sent(size(10, 30))
                self.broker.command("down all")
                self.broker.command("up all")
                report = self.holds(load, 90, duplicates=5 * 16)  # the mock stores again what is sent again
                self.assertEqual(report["accepted"], report["attempted"], report)

    def test_F8_a_full_queue_is_an_error_at_the_deadline(self):
        few = "&rdkafka=queue.buffering.max.messages:10"
        with self.load(self.url + few, "notify", count=size(300, 3000), threads=40, pace_ms=20,
                       timeout_ms=1000, hold_at=size(120, 1200)) as load:
            load.wait_sent(size(100, 1000))
            with self.slowly("4s"):
                load.go_on()
                load.wait_sent(size(220, 1400))
            report = self.holds(load, 1)
            self.assertGreater(report["accepted"], 0, report)
            self.assertEqual(report["accepted"] + report["in_doubt"], report["attempted"], report)
            self.assertEqual({kind.split("(")[0] for kind in report["errors"]}, {"MessagingTimeout"}, report)

    def test_F10_a_producer_with_a_fatal_error_is_replaced(self):
        with self.load(self.url, "notify", count=size(1000, 10000), threads=16, pace_ms=5,
                       hold_at=size(900, 9000)) as load:
            load.wait_sent(100)
            self.broker.command("errors produce OUT_OF_ORDER_SEQUENCE_NUMBER 1")
            load.go_on()
            report = self.holds(load, 10)
            self.assertLessEqual(report["in_doubt"], 16)
            self.assertEqual(report["accepted"] + report["in_doubt"], report["attempted"], report)
            self.assertTrue(load.closed())
            self.assertIn("by a new one", load.log)


if __name__ == "__main__":
    run_cases("__main__")
