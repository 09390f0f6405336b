#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A broker that is killed and stopped: R1, R2, R7."""

import time
import unittest

from fault_case import DURABLE, FULL, QUORUM, FaultCase, Load, main, size
from faulty_broker import FaultyBroker


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
                  pace_ms=20, timeout_ms=timeout * 1000, settle_ms=30000, hold_at=count * 0.9) as load:
            load.wait_sent(count * 0.4)
            self.broker.kill()
            time.sleep(1)
            self.broker.restart()
            load.healed()
            load.go_on()
            self.recovered(self.holds(load, timeout), 1)

    def test_R1_calls_when_the_node_is_killed(self):
        self.killed("call", DURABLE)

    def test_R2_notifications_when_the_node_is_killed(self):
        self.killed("notify", DURABLE)

    @unittest.skipUnless(FULL, "as the others, with queues of another kind")
    def test_R1_calls_by_quorum_queues_when_the_node_is_killed(self):
        self.killed("call", QUORUM)

    @unittest.skipUnless(FULL, "as the others, with queues of another kind")
    def test_R2_notifications_by_quorum_queues_when_the_node_is_killed(self):
        self.killed("notify", QUORUM)

    def test_R7_the_node_is_stopped(self):
        for timeout in size((2,), (5, 30)):
            with self.subTest(timeout=timeout):
                url = f"{self.broker.url}?{DURABLE}"
                with Load(server_url=url, client_url=url, verb="call",
                          topic=self.topic(), count=size(300, 5000), pace_ms=5,
                          timeout_ms=timeout * 1000, hold_at=size(270, 4500)) as load:
                    load.wait_sent(30)
                    self.broker.pause()
                    time.sleep(size(5, 20))
                    self.broker.resume()
                    load.healed()
                    load.go_on()
                    self.recovered(self.holds(load, timeout), 1)


if __name__ == "__main__":
    main()
