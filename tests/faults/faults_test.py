#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the rabbit driver does when the network or the broker fails: the fault plan R1 to R16.

In small, unless GANTRY_FAULTS=full. Each case prints its counts. Everywhere: nothing that was accepted is
lost, nothing runs twice, no operation outlasts its deadline, and every error is typed.
"""

import itertools
import os
import time
import unittest

from faulty_broker import FaultyBroker, rabbit_broker
from load import Load
from tcp_proxy import BASIC_ACK, BASIC_DELIVER, DOWN, UP, Proxy  # noqa: F401

FULL = os.environ.get("GANTRY_FAULTS") == "full"
SLACK_SECONDS = 0.2 if FULL else 2  # a busy machine is no fault of ours
VERBS = ("call", "cast", "notify")
QUICK = "kombu_reconnect_delay=0.1&rabbit_retry_interval=0.2&rabbit_retry_backoff=0.2"
DURABLE = "amqp_durable_queues=true"


def setUpModule():
    if not rabbit_broker.installed():
        raise unittest.SkipTest("RabbitMQ is not installed")


def size(small, full):
    return full if FULL else small


class FaultCase(unittest.TestCase):
    topics = itertools.count()

    def topic(self):
        return f"t{next(self.topics)}"

    def holds(self, load, timeout, lost="lost"):
        """The rules that hold everywhere; returns the report. lost="lost_after_fault" where the fault is the
        deletion of a queue, and with it of what is in it."""
        report = load.result()
        shown = {k: v for k, v in report.items() if k not in ("examples", "settled")}
        print(f"\n  {self.id().split('.', 1)[1]}: {shown}", flush=True)
        details = f"{report}\n{load.log[-4000:]}"
        self.assertEqual(report[lost], 0, details)
        self.assertEqual(report["duplicated"], 0, details)
        self.assertEqual(report["unexpected"], 0, details)
        self.assertNotIn("untyped", report["errors"], details)
        self.assertLessEqual(report["longest_op_s"], timeout + SLACK_SECONDS, details)
        return report

    def recovered(self, report, seconds):
        self.assertGreaterEqual(report["recovery_s"], 0, report)
        self.assertLessEqual(report["recovery_s"], seconds + (0 if FULL else 5), report)


class Network(FaultCase):
    """A proxy between the driver and a broker that stays well."""

    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(FaultyBroker())

    def setUp(self):
        self.proxy = self.enterContext(Proxy(self.broker.port))

    def url(self, *hosts, query=QUICK):
        hosts = ",".join(f"guest:guest@{host}" for host in hosts or [self.proxy.host])
        return f"rabbit://{hosts}/?{query}"

    def load(self, verb, **settings):
        settings = dict(server_url=self.broker.url, client_url=self.url(), verb=verb,
                        topic=self.topic()) | settings
        return Load(**settings)

    def broken_off(self, verb, how):
        """Twice, while messages are sent at a steady rate."""
        count = size(600, 5000)
        url = self.url()
        with self.load(verb, count=count, threads=16, pace_ms=40, server_url=url, client_url=url,
                       timeout_ms=5000) as load:
            for part in (0.2, 0.6):
                load.wait_sent(count * part)
                how()
                load.healed()
            self.recovered(self.holds(load, 5), 1)

    def test_R16_a_reset_connection(self):
        for verb in VERBS:
            with self.subTest(verb):
                self.broken_off(verb, self.proxy.cut)

    def test_R16_an_orderly_end(self):
        for verb in VERBS:
            with self.subTest(verb):
                self.broken_off(verb, self.proxy.close)

    def test_R16_half_an_end(self):
        for direction in (UP, DOWN):
            with self.subTest(direction):
                self.broken_off("call", lambda d=direction: self.proxy.half_close(d))

    def test_R16_a_slow_line(self):
        self.proxy.delay_seconds = 0.02
        with self.load("call", count=40, threads=4, timeout_ms=30000) as load:
            self.assertEqual(self.holds(load, 30)["accepted"], 40)

    def test_R9_a_confirm_that_is_lost_is_a_doubt_and_no_second_message(self):
        for verb in VERBS:
            with self.subTest(verb):
                count = size(10, 100)
                self.proxy.cut_at(DOWN, BASIC_ACK, times=count)
                with self.load(verb, count=count, servers=2, threads=1, timeout_ms=10000) as load:
                    report = self.holds(load, 10)
                self.assertEqual(report["delivered"], count)
                if verb == "call":
                    self.assertEqual(report["accepted"], count)
                else:
                    self.assertEqual(report["errors"], {"MessageInDoubt": count})

    def test_R9_what_is_in_doubt_is_sent_again_where_that_is_asked_for(self):
        for verb in VERBS:
            with self.subTest(verb):
                count = size(10, 100)
                self.proxy.cut_at(DOWN, BASIC_ACK, times=count)
                with self.load(verb, count=count, threads=1, timeout_ms=10000, on_doubt="resend") as load:
                    report = self.holds(load, 10)  # one receiver: it knows the ids
                self.assertEqual((report["accepted"], report["delivered"]), (count, count))

    def test_R10_a_lost_acknowledgement_is_no_second_run(self):
        for verb in VERBS:
            with self.subTest(verb):
                self.proxy.cut_at(UP, BASIC_ACK, times=3)
                with self.load(verb, count=20, threads=1, server_url=self.url(),
                               client_url=self.broker.url, timeout_ms=10000) as load:
                    report = self.holds(load, 10)
                    self.assertEqual(report["accepted"], 20)

    def test_R13_the_first_host_refuses(self):
        with Proxy(self.broker.port) as dead:
            dead.refuse()
            self.first_answer(dead, 0.1)

    def test_R13_the_first_host_is_silent(self):
        with Proxy(self.broker.port) as silent:
            silent.stall()
            self.first_answer(silent, 0.5)

    def test_R13_one_host_refuses_the_password(self):
        """It depends on the order which host answers first; either way it is told at once."""
        for _ in range(size(4, 20)):
            url = f"rabbit://guest:wrong@{self.proxy.host},guest:guest@127.0.0.1:{self.broker.port}/"
            with self.load("cast", count=1, threads=1, client_url=url, timeout_ms=10000) as load:
                report = self.holds(load, 1)
                self.assertLessEqual(set(report["errors"]), {"AuthenticationFailed"})

    def first_answer(self, broken, seconds):
        """However the hosts are shuffled."""
        for _ in range(size(4, 20)):
            with self.load("call", count=1, threads=1, client_url=self.url(broken.host, self.proxy.host),
                           timeout_ms=10000) as load:
                report = self.holds(load, seconds)
                self.assertEqual(report["accepted"], 1)

    def test_R13_the_host_in_use_dies(self):
        with Proxy(self.broker.port) as other:
            url = self.url(self.proxy.host, other.host, query="")
            count = size(600, 5000)
            with self.load("call", count=count, threads=16, pace_ms=40, server_url=url, client_url=url,
                           timeout_ms=5000) as load:
                for part, dying, healing in ((0.3, self.proxy, other), (0.6, other, self.proxy)):
                    load.wait_sent(count * part)
                    healing.accept()
                    dying.refuse()
                    dying.cut()
                    load.healed()
                self.recovered(self.holds(load, 5), 0.5)

    def test_R11_nobody_is_there(self):
        for manner, retry in itertools.product((self.proxy.refuse, self.proxy.stall), (-1, 0, 2)):
            with self.subTest(manner=manner.__name__, retry=retry):
                manner()
                for verb in VERBS:
                    timeout = size(0.7, 5)
                    with self.load(verb, count=2, threads=2, timeout_ms=int(timeout * 1000), retry=retry) as load:
                        self.assertEqual(self.holds(load, timeout)["accepted"], 0)
                self.proxy.accept()
                self.proxy.flow()

    def test_R12_a_half_open_line(self):
        query = "heartbeat_timeout_threshold=2&kombu_reconnect_delay=0.1"
        for padding in (0, 30_000_000):
            with self.subTest(padding=padding):
                with self.load("call", count=1, threads=1, client_url=self.url(query=query), padding=padding,
                               timeout_ms=3000, wait=1) as load:
                    self.proxy.stall()
                    load.go()
                    self.assertEqual(self.holds(load, 3)["accepted"], 0)
                self.proxy.flow()

    def test_R12_a_half_open_line_is_replaced(self):
        """By a new connection, while the old one stays stalled."""
        query = "heartbeat_timeout_threshold=2&kombu_reconnect_delay=0.1"
        for padding in (0, 3_000_000):
            with self.subTest(padding=padding), Proxy(self.broker.port) as other:
                url = self.url(self.proxy.host, other.host, query=query)
                with self.load("cast", count=60, threads=2, client_url=url, timeout_ms=10000, pace_ms=100,
                               padding=padding) as load:
                    load.wait_sent(6)
                    used = max((self.proxy, other), key=lambda p: len(p.connections))
                    used.stall()
                    load.healed()
                    self.recovered(self.holds(load, 10), 5)
                used.flow()

    def test_R12_a_message_that_does_not_fit_into_a_stalled_line_is_sent_by_another(self):
        """It was not written to its end, so nobody can have it."""
        with Proxy(self.broker.port) as other:
            url = self.url(self.proxy.host, other.host, query="heartbeat_timeout_threshold=2")
            with self.load("cast", count=4, threads=1, client_url=url, timeout_ms=30000, pace_ms=500,
                           padding=30_000_000, settle_ms=30000) as load:
                load.wait_sent(0)
                used = max((self.proxy, other), key=lambda p: len(p.connections))
                used.stall()
                load.healed()
                report = self.holds(load, 30)
                self.assertEqual(report["accepted"], 4)
                self.recovered(report, 4)
            used.flow()

    def test_R8_an_alarm_is_told_and_heals(self):
        timeout = 2
        with self.load("cast", count=200, pace_ms=100, threads=4, client_url=self.broker.url,
                       timeout_ms=timeout * 1000) as load:
            load.wait_sent(20)
            with self.broker.memory_alarm():
                time.sleep(size(4, 15))
            load.healed()
            report = self.holds(load, timeout)
            self.recovered(report, 0.5)
            self.assertIn("MessagingTimeout(the broker blocks publishers)", report["errors"])

    def test_R3_all_connections_closed_by_the_operator(self):
        for verb in size(("call",), VERBS):
            with self.subTest(verb):
                self.closed_by_the_operator(verb)

    def closed_by_the_operator(self, verb):
        with self.load(verb, count=size(1000, 5000), threads=16, pace_ms=100, client_url=self.broker.url,
                       timeout_ms=10000) as load:
            load.wait_sent(100)
            self.broker.ctl("close_all_connections", "test")
            load.healed()
            self.recovered(self.holds(load, 10), 2)

    def test_R4_the_reply_queue_is_deleted(self):
        """While calls are under way: each takes a while, one after the other."""
        with self.load("call", count=size(150, 400), threads=4, handler_ms=50, timeout_ms=10000,
                       client_url=self.broker.url) as load:
            load.wait_sent(20)
            queues = [line.split() for line in self.broker.ctl("list_queues", "name", "consumers").splitlines()]
            [used] = [name for name, consumers in queues if name.startswith("reply_") and consumers != "0"]
            self.broker.ctl("delete_queue", used)
            load.healed()
            report = self.holds(load, 1)
            self.recovered(report, 0.5)
            self.assertEqual(set(report["errors"]), {"MessagingTimeout(reply lost)"})
            self.assertLessEqual(report["in_doubt"], 4)

    def test_R5_the_servers_queue_is_deleted(self):
        with self.load("cast", count=size(400, 3000), pace_ms=20, threads=2, timeout_ms=5000,
                       client_url=self.broker.url, topic="r5") as load:
            load.wait_sent(60)
            self.broker.ctl("delete_queue", "r5")
            load.healed()
            report = self.holds(load, 5, lost="lost_after_fault")
            self.recovered(report, 0.2)
            self.assertLessEqual(set(report["errors"]), {"MessageUndeliverable"})

    def test_R6_the_subscribers_queue_is_deleted(self):
        with self.load("notify", count=size(600, 6000), pace_ms=5, threads=2, timeout_ms=5000,
                       client_url=self.broker.url, topic="r6") as load:
            load.wait_sent(60)
            self.broker.ctl("delete_queue", "r6.info")
            load.healed()
            report = self.holds(load, 5, lost="lost_after_fault")
            self.assertEqual(report["accepted"], report["attempted"])

    def test_R14_a_handler_outlasts_the_brokers_patience(self):
        """The broker takes the message back and brings it again; it is not handled a second time."""
        def patience(seconds, tick):
            self.broker.ctl("eval", f"application:set_env(rabbit, consumer_timeout, {seconds}000), "
                                    f"application:set_env(rabbit, channel_tick_interval, {tick}000).")
        patience(2, 1)
        self.addCleanup(patience, 1800, 60)
        with self.load("notify", count=3, threads=3, handler_ms=4000, server_url=self.url()) as load:
            report = self.holds(load, 10)
            self.assertEqual(report["accepted"], 3)
            self.assertTrue(load.closed())
            self.assertIn("acknowledge", load.log)
            self.assertIn("consumer_timeout", load.log)


class Node(FaultCase):
    """A broker that is killed and stopped itself."""

    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(FaultyBroker())

    def killed(self, verb, query):
        url = f"{self.broker.url}?{query}"
        count = size(1000, 20000 if verb == "notify" else 5000)
        timeout = size(15, 30)
        with Load(server_url=url, client_url=url, verb=verb, topic=self.topic(), count=count, threads=16,
                  pace_ms=20, timeout_ms=timeout * 1000, settle_ms=30000) as load:
            load.wait_sent(count * 0.4)
            self.broker.kill()
            time.sleep(1)
            self.broker.restart()
            load.healed()
            self.recovered(self.holds(load, timeout), 1)

    def test_R1_calls_when_the_node_is_killed(self):
        self.killed("call", DURABLE)

    def test_R2_notifications_when_the_node_is_killed(self):
        self.killed("notify", DURABLE)

    def test_R7_the_node_is_stopped(self):
        for timeout in size((2,), (5, 30)):
            with self.subTest(timeout=timeout):
                url = f"{self.broker.url}?{DURABLE}"
                with Load(server_url=url, client_url=url, verb="call",
                          topic=self.topic(), count=size(300, 5000), pace_ms=5,
                          timeout_ms=timeout * 1000) as load:
                    load.wait_sent(30)
                    self.broker.pause()
                    time.sleep(size(5, 20))
                    self.broker.resume()
                    load.healed()
                    self.recovered(self.holds(load, timeout), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
