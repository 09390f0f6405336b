#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A broker that is well, and ordered about: connections closed, queues deleted, alarms, patience lost."""

import time

from fault_case import VERBS, main, size
from proxy_case import ProxyCase
from raw_client import RawClient


class Operator(ProxyCase):
    def test_R3_all_connections_closed_by_the_operator(self):
        for verb in size(("call",), VERBS):
            with self.subTest(verb):
                self.closed_by_the_operator(verb)

    def closed_by_the_operator(self, verb):
        with self.load(verb, count=size(1000, 5000), threads=16, pace_ms=100, client_url=self.broker.url,
                       timeout_ms=10000, hold_at=size(900, 4500)) as load:
            load.wait_sent(100)
            self.broker.ctl("close_all_connections", "test")
            load.healed()
            load.go_on()
            self.recovered(self.holds(load, 10), 1)

    def test_R8_an_alarm_is_told_and_heals(self):
        timeout = 2
        with self.load("cast", count=200, pace_ms=100, threads=4, client_url=self.broker.url,
                       timeout_ms=timeout * 1000, hold_at=140) as load:
            load.wait_sent(20)
            with self.broker.memory_alarm():
                load.go_on()
                time.sleep(size(4, 15))
            load.healed()
            report = self.holds(load, timeout)
            self.recovered(report, 0.5)
            self.assertIn("MessagingTimeout(the broker blocks publishers)", report["errors"])

    def test_R4_the_reply_queue_is_deleted(self):
        """While calls are under way: each takes a while, one after the other."""
        with self.load("call", count=size(150, 400), threads=4, handler_ms=50, timeout_ms=10000,
                       client_url=self.broker.url, hold_at=40) as load:
            load.wait_sent(20)
            queues = [line.split() for line in self.broker.ctl("list_queues", "name", "consumers").splitlines()]
            [used] = [name for name, consumers in queues if name.startswith("reply_") and consumers != "0"]
            with RawClient(self.broker.port) as client:
                load.go_on()
                load.wait_sent(60)
                client.delete_queue(used)
            load.healed()
            report = self.holds(load, 1)
            self.recovered(report, 0.5)
            self.assertEqual(set(report["errors"]), {"MessagingTimeout(reply lost)"})
            self.assertLessEqual(report["in_doubt"], 5)  # one a thread, and one of the thread that begins now

    def test_R5_the_servers_queue_is_deleted(self):
        with self.load("cast", count=size(1000, 3000), pace_ms=20, threads=2, timeout_ms=5000,
                       client_url=self.broker.url, topic="r5", hold_at=size(900, 2900)) as load:
            load.wait_sent(60)
            self.broker.delete_queue("r5")
            load.healed()
            load.go_on()
            report = self.holds(load, 5, lost="lost_after_fault")
            self.recovered(report, 0.2)
            self.assertLessEqual(set(report["errors"]), {"MessageUndeliverable"})

    def test_R6_the_subscribers_queue_is_deleted(self):
        with self.load("notify", count=size(2400, 6000), pace_ms=5, threads=2, timeout_ms=5000,
                       client_url=self.broker.url, topic="r6", hold_at=size(2200, 5800)) as load:
            load.wait_sent(60)
            self.broker.delete_queue("r6.info")
            load.healed()
            load.go_on()
            report = self.holds(load, 5, lost="lost_after_fault")
            self.assertEqual(report["accepted"], report["attempted"])

    def test_R14_a_handler_outlasts_the_brokers_patience(self):
        """The broker takes the message back and brings it again; it is not handled a second time."""
        def patience(seconds, tick):
            self.broker.ctl("eval", f"application:set_env(rabbit, consumer_timeout, {seconds}000), "
                                    f"application:set_env(rabbit, channel_tick_interval, {tick}000).")
        patience(size(2, 60), size(1, 10))
        self.addCleanup(patience, 1800, 60)
        count = size(3, 2)  # one after the other
        with self.load("notify", count=count, threads=count, handler_ms=size(4000, 150000), settle_ms=200000,
                       server_url=self.url()) as load:
            report = self.holds(load, 10)
            self.assertEqual(report["accepted"], count)
            self.assertTrue(load.closed())
            self.assertIn("acknowledge", load.log)
            self.assertIn("consumer_timeout", load.log)


if __name__ == "__main__":
    main()
