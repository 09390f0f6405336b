#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""R15: what the broker refuses, and says why. Told at once and not tried again; only a broker that shuts down is
waited for."""

import amqp_bytes as amqp
from fault_case import DURABLE, QUORUM, VERBS, FaultCase, Load, hosts_url, main, size
from faulty_broker import FaultyBroker
from lying_server import Lie, LyingServer
from stale_channel import StaleChannels

AT_ONCE_SECONDS = 1


class Refusal(FaultCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(FaultyBroker())

    @property
    def durable_url(self):
        return f"{self.broker.url}?{DURABLE}"

    def refused(self, error, names, client_url):
        """Each verb ends at once with this error, whose text has these names."""
        for verb in VERBS:
            with self.subTest(verb), Load(server_url=self.durable_url, client_url=client_url, verb=verb,
                                          topic=self.topic(), count=20, threads=2, timeout_ms=10000) as load:
                report = self.holds(load, AT_ONCE_SECONDS)
                self.assertEqual(report["errors"], {error: 20})
                for name in names:
                    self.assertIn(name, report["examples"][error])

    def test_R15_406_the_exchange_is_of_another_kind(self):
        self.refused("TopologyMismatch", ("'openstack'", "durable"), self.broker.url)

    def test_R15_403_the_user_may_not(self):
        self.broker.ctl("add_user", "visitor", "secret")
        self.broker.ctl("set_permissions", "visitor", "^$", "^$", "^$")
        url = self.broker.url.replace("guest:guest", "visitor:secret")
        self.refused("AccessRefused", ("ACCESS_REFUSED", "permissions"), url)

    def test_R15_403_the_password_is_wrong(self):
        self.refused("AuthenticationFailed", ("ACCESS_REFUSED",), self.broker.url.replace("guest:guest", "guest:wrong"))

    def test_R15_530_there_is_no_such_virtual_host(self):
        self.refused("AuthenticationFailed", ("nowhere",), self.broker.url + "nowhere")

    def test_R15_404_the_exchange_is_deleted(self):
        """It is declared again, and nothing is bound to it until the server has come back."""
        count = size(1200, 3000)
        with Load(server_url=self.durable_url, verb="cast", topic=self.topic(), count=count, threads=4, pace_ms=20,
                  timeout_ms=10000, hold_at=count * 0.5) as load:
            load.wait_sent(100)
            self.broker.ctl("eval", 'rabbit_exchange:delete(rabbit_misc:r(<<"/">>, exchange, <<"openstack">>), false, '
                                    '<<"test">>).')
            load.go_on(until=count * 0.9)
            load.wait_sent(count * 0.6)
            self.broker.ctl("close_all_connections", "test")
            load.healed()
            load.go_on()
            report = self.holds(load, AT_ONCE_SECONDS)
            self.recovered(report, 1)
            self.assertLessEqual(set(report["errors"]), {"MessageUndeliverable", "MessageInDoubt"})
            self.assertIn("MessageUndeliverable", report["errors"])

    def test_R15_404_what_went_between_two_declarations_is_declared_again(self):
        """Three times more, and then told."""
        gone = Lie("404 at queue.bind", amqp.QUEUE_BIND,
                   lambda channel, _: amqp.channel_close(channel, 404, b"NOT_FOUND - no exchange 'x' in vhost '/'"))
        with LyingServer(self.broker.port) as server:
            server.start_lying(gone)
            with Load(server_url=self.durable_url, client_url=hosts_url(server.host), verb="notify",
                      topic=self.topic(), count=1, threads=1, timeout_ms=10000) as load:
                self.assertEqual(self.holds(load, AT_ONCE_SECONDS)["errors"], {"EntityNotFound": 1})
            self.assertTrue(server.wait_told(4, seconds=0))
            self.assertFalse(server.wait_told(5, seconds=0))

    def test_R15_320_the_broker_shuts_down(self):
        for verb in VERBS:
            with self.subTest(verb), Load(server_url=self.durable_url, verb=verb, topic=self.topic(),
                                          count=size(400, 2000), threads=16, pace_ms=300, timeout_ms=30000,
                                          hold_at=size(360, 1800)) as load:
                load.wait_sent(100)
                self.broker.ctl("stop_app")
                self.broker.ctl("start_app")
                load.healed()
                load.go_on()
                self.recovered(self.holds(load, 30), 1)

    def stale(self, refuses, **settings):
        one_connection = f"{QUORUM}&rpc_conn_pool_size=1&conn_pool_min_size=1"
        with StaleChannels(refuses) as server, \
                Load(server_url=self.durable_url, client_url=hosts_url(server.host, query=one_connection), verb="cast",
                     topic=self.topic(), settle_ms=1, **settings) as load:
            return load.result()

    def test_R21_a_channel_that_refuses_is_replaced(self):
        report = self.stale(refuses=True, count=100, threads=4, timeout_ms=10000)
        self.assertEqual(report["accepted"], 100, report)

    def test_R21_a_channel_that_confirms_nothing_is_replaced_when_nobody_waits(self):
        report = self.stale(refuses=False, count=3000, threads=200, timeout_ms=300)
        self.assertGreaterEqual(report["accepted"], 1, report)


if __name__ == "__main__":
    main()
