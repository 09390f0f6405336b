#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lines that are cut, slow or half closed, and hosts that are not there: R9, R10, R11, R13, R16."""

import itertools
import socket

from amqp_bytes import ACK
from fault_case import VERBS, main, size
from proxy_case import ProxyCase
from tcp_proxy import DOWN, UP, Proxy


class Network(ProxyCase):
    def broken_off(self, verb, how):
        """Twice, while messages are sent at a steady rate."""
        count = size(600, 5000)
        url = self.url()
        with self.load(verb, count=count, threads=16, pace_ms=40, server_url=url, client_url=url,
                       timeout_ms=5000, hold_at=count * 0.9) as load:
            for part in (0.2, 0.6):
                load.wait_sent(count * part)
                how()
                load.healed()
            load.go_on()
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

    def test_R16_a_line_that_delays(self):
        self.proxy.delay_seconds = size(0.02, 0.2)
        with self.load("call", count=40, threads=4, timeout_ms=30000) as load:
            self.assertEqual(self.holds(load, 30)["accepted"], 40)

    def test_R16_a_line_of_single_bytes(self):
        self.proxy.chopped = True
        with self.load("call", count=size(40, 1000), threads=4, server_url=self.url()) as load:
            report = self.holds(load, 10)
            self.assertEqual(report["accepted"], report["attempted"])

    def test_R9_a_confirm_that_is_lost_is_a_doubt_and_no_second_message(self):
        for verb in VERBS:
            with self.subTest(verb):
                count = size(10, 100)
                self.proxy.cut_at(DOWN, ACK, times=count)
                with self.load(verb, count=count, servers=2, threads=1, timeout_ms=10000,
                               doubtful_arrive=1) as load:
                    report = self.holds(load, 10)
                if verb == "call":  # its reply may overtake the confirm, and the cut then hits the next one's request
                    self.assertEqual(report["accepted"] + report["in_doubt"], count)
                else:
                    self.assertEqual(report["delivered"], count)
                    self.assertEqual(report["errors"], {"MessageInDoubt": count})

    def test_R9_what_is_in_doubt_is_sent_again_where_that_is_asked_for(self):
        for verb in VERBS:
            with self.subTest(verb):
                count = size(10, 100)
                self.proxy.cut_at(DOWN, ACK, times=count)
                with self.load(verb, count=count, threads=1, timeout_ms=10000, on_doubt="resend") as load:
                    report = self.holds(load, 10)  # one receiver: it knows the ids
                self.assertEqual((report["accepted"], report["delivered"]), (count, count))

    def test_R10_a_lost_acknowledgement_is_no_second_run(self):
        for verb in VERBS:
            with self.subTest(verb):
                self.proxy.cut_at(UP, ACK, times=3)
                with self.load(verb, count=20, threads=1, server_url=self.url(),
                               client_url=self.broker.url, timeout_ms=10000) as load:
                    report = self.holds(load, 10)
                    self.assertEqual(report["accepted"], 20)

    def test_R13_the_first_host_refuses(self):
        with Proxy(self.broker.port) as dead:
            dead.refuse()
            self.first_answer(dead.host, 0.1)

    def test_R13_the_first_host_is_silent(self):
        with Proxy(self.broker.port) as silent:
            silent.stall()
            self.first_answer(silent.host, 0.5)

    def test_R13_the_first_host_swallows_what_is_sent_to_it(self):
        """Not even the TCP connection comes about: it has one too many in its queue already."""
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            address = full.getsockname()
            with socket.create_connection(address):
                self.first_answer(f"127.0.0.1:{address[1]}", 0.5)

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
            with self.load("call", count=1, threads=1, client_url=self.url(broken, self.proxy.host),
                           timeout_ms=10000) as load:
                report = self.holds(load, seconds)
                self.assertEqual(report["accepted"], 1)

    def test_R13_the_host_in_use_dies(self):
        with Proxy(self.broker.port) as other:
            url = self.url(self.proxy.host, other.host, query="")
            count = size(600, 5000)
            with self.load("call", count=count, threads=16, pace_ms=40, server_url=url, client_url=url,
                           timeout_ms=5000, hold_at=count * 0.9) as load:
                for part, dying, healing in ((0.3, self.proxy, other), (0.6, other, self.proxy)):
                    load.wait_sent(count * part)
                    healing.accept()
                    dying.refuse()
                    dying.cut()
                    load.healed()
                load.go_on()
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


if __name__ == "__main__":
    main()
