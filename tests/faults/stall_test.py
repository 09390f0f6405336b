#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lines that stand still, or take less than is wanted: R12 and R16."""

import time

from fault_case import main
from load import SoakLoad
from proxy_case import ProxyCase
from tcp_proxy import UP, Proxy

HUGE = 12_000_000  # more than the kernel takes for a reader that does not read
SMALL_BUFFER = 4096  # of the proxy: what it does not pass on soon stays with the sender


def in_use(*proxies):
    """The one that the sender has chosen."""
    return max(proxies, key=lambda p: len(p.connections))


class Stall(ProxyCase):
    def sent_by_another(self, wait, how, query, **settings):
        """Two hosts, of which the one in use goes wrong while messages are sent; returns the report."""
        with Proxy(self.broker.port, SMALL_BUFFER) as one, Proxy(self.broker.port, SMALL_BUFFER) as other:
            url = self.url(one.host, other.host, query=f"kombu_reconnect_delay=0.1&{query}")
            with self.load("cast", client_url=url, settle_ms=30000, hold_at=settings["count"] - 1, **settings) as load:
                load.wait_sent(wait)
                how(in_use(one, other))
                load.healed()
                load.go_on()
                return self.holds(load, settings["timeout_ms"] / 1000)

    def test_R12_a_half_open_line(self):
        query = "heartbeat_timeout_threshold=2&kombu_reconnect_delay=0.1"
        for padding in (0, HUGE):
            with self.subTest(padding=padding):
                with self.load("call", count=1, threads=1, client_url=self.url(query=query), padding=padding,
                               timeout_ms=3000, wait=1, label=f"call of {padding} bytes") as load:
                    self.proxy.stall()
                    load.go()
                    self.assertEqual(self.holds(load, 3)["accepted"], 0)
                self.proxy.flow()

    def test_R12_a_half_open_line_is_replaced(self):
        """By a new connection, while the old one stays stalled."""
        for padding in (0, 3_000_000):
            with self.subTest(padding=padding):
                report = self.sent_by_another(6, Proxy.stall, "heartbeat_timeout_threshold=2", count=60, threads=2,
                                              timeout_ms=10000, pace_ms=100, padding=padding,
                                              label=f"cast of {padding} bytes")
                self.recovered(report, 5)

    def test_R12_a_message_that_does_not_fit_into_a_stalled_line_is_sent_by_another(self):
        """It was not written to its end, so nobody can have it."""
        report = self.sent_by_another(0, Proxy.stall, "heartbeat_timeout_threshold=2", count=4, threads=1,
                                      timeout_ms=30000, pace_ms=500, padding=HUGE)
        self.assertEqual(report["accepted"], 4)
        self.recovered(report, 4)

    def test_R12_a_trickle_is_no_connection(self):
        """A peer that takes a little now and then, so that the kernel sees nothing amiss."""
        report = self.sent_by_another(0, lambda proxy: proxy.slow(600, UP), "heartbeat_timeout_threshold=8",
                                      count=4, threads=1, timeout_ms=30000, pace_ms=500, padding=HUGE)
        self.assertEqual(report["accepted"], 4)
        self.recovered(report, 13)

    def test_R12_a_stalled_line_is_held_no_longer_than_its_message_may_take(self):
        """The next message goes by another line when the first has ended, heartbeats or not."""
        for how in (Proxy.stall, lambda proxy: proxy.slow(600, UP)):
            report = self.sent_by_another(0, how, "heartbeat_timeout_threshold=60", count=5, threads=1,
                                          timeout_ms=4000, pace_ms=500, padding=HUGE)
            # The load's own thread has one on that line, and perhaps the one that began at the fault.
            self.assertLessEqual(report["attempted"] - report["accepted"], 2)
            self.recovered(report, 5)

    def test_R12_what_was_confirmed_meanwhile_is_no_doubt(self):
        """A small message before a huge one that does not get through. The line comes late, so that both are
        there when it does."""
        with Proxy(self.broker.port, SMALL_BUFFER) as proxy:
            url = self.url(proxy.host, query="heartbeat_timeout_threshold=60")
            with self.load("cast", client_url=url, count=2, threads=2, timeout_ms=4000, padding=HUGE,
                           padded_from=1, wait=1) as load:
                proxy.stall()
                load.go()
                time.sleep(1)
                proxy.flow()
                proxy.slow(200_000, UP)
                report = self.holds(load, 4)
                self.assertEqual(report["accepted"], 1)
                self.assertNotIn("MessageInDoubt", report["errors"])

    def test_POOL_10_connections_that_a_stall_made_necessary_go_again(self):
        """Though what follows needs one alone, so that nobody asks the pool for another."""
        url = self.url(query="conn_pool_ttl=1&conn_pool_min_size=0")
        with SoakLoad(server_url=self.broker.url, client_url=url, seconds=600, calls=0, fanouts=0,
                      notifications=400) as load:
            self.proxy.wait_connections(lambda count: count == 1)
            self.proxy.stall()
            self.proxy.wait_connections(lambda count: count > 1)
            self.proxy.flow()
            self.proxy.wait_connections(lambda count: count == 1)
            self.assertEqual(load.so_far()["notifications"]["errors"], {})

    def test_R16_a_slow_line_is_not_given_up(self):
        with Proxy(self.broker.port, SMALL_BUFFER) as proxy:
            proxy.slow(50_000, UP)
            url = self.url(proxy.host, query="heartbeat_timeout_threshold=4")
            with self.load("cast", client_url=url, count=2, threads=1, timeout_ms=60000, padding=400_000) as load:
                self.assertEqual(self.holds(load, 60)["accepted"], 2)
            self.assertEqual(proxy.accepted, 1)


if __name__ == "__main__":
    main()
