#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""R21: a cluster of three nodes with quorum queues, of which each is killed in turn."""

import time
import unittest

from cluster import Cluster
from fault_case import FULL, QUORUM, VERBS, FaultCase, Load, hosts_url, main
from raw_client import RawClient

TIMEOUT_SECONDS = 30


@unittest.skipUnless(FULL, "three nodes take too long to start; scripts/faults runs it")
class ClusterCase(FaultCase):
    def test_R21_each_node_is_killed_in_turn(self):
        for verb in VERBS:
            with self.subTest(verb), Cluster() as cluster:
                self.killed_in_turn(cluster, verb)

    def killed_in_turn(self, cluster, verb):
        url = hosts_url(*cluster.hosts, query=QUORUM)
        with Load(server_url=url, client_url=url, verb=verb, topic=self.topic(), count=10000, threads=16, pace_ms=100,
                  timeout_ms=TIMEOUT_SECONDS * 1000, settle_ms=30000) as load:
            for number, node in enumerate(cluster.nodes, 1):
                load.wait_sent(number * 1000)
                node.await_spare()
                node.kill()
                self.await_leader(cluster, node, load.settings)
                load.healed()
                load.wait_sent(number * 1000 + 500)
                node.restart()
            report = self.holds(load, TIMEOUT_SECONDS)
            self.recovered(report, 1)

    @staticmethod
    def await_leader(cluster, killed, settings):
        """Until the others have chosen a leader for the load's queue: it takes a message again, which is none of
        the load's, instead of refusing it."""
        queue = settings["topic"] + (".info" if settings["verb"] == "notify" else "")
        survivor = next(node for node in cluster.nodes if node is not killed)
        give_up = time.monotonic() + 60
        while True:
            try:
                with RawClient(survivor.port) as client:
                    return client.publish(queue, b"?", 0, b"")
            except AssertionError:
                if time.monotonic() > give_up:
                    raise


if __name__ == "__main__":
    main()
