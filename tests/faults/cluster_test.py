#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""R21: a cluster of three nodes with quorum queues, of which each is killed in turn."""

import unittest

from cluster import Cluster
from fault_case import FULL, QUORUM, VERBS, FaultCase, Load, hosts_url, main

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
                load.healed()  # the others are there
                load.wait_sent(number * 1000 + 500)
                node.restart()
            report = self.holds(load, TIMEOUT_SECONDS)
            self.recovered(report, 1)


if __name__ == "__main__":
    main()
