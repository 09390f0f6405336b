#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Groups in motion: a member is killed, members come and go, the coordinator moves or errs: F6, F11, F12."""

from fault_case import run_cases, size
from kafka_case import Elsewhere, MockCase, RealCase
from load import Load

THREADS = 16


class Members(RealCase):
    def killed_halfway(self, verb, duplicates, **settings):
        """One of two processes that serve a topic; returns the report."""
        settings = dict(server_url=f"{self.url}?session_timeout=2", verb=verb, topic=self.topic(), threads=THREADS,
                        settle_ms=60000) | settings
        with Load(**settings | dict(count=0)) as other, Load(wait=1, **settings) as load:
            there = Elsewhere(other, load)
            load.go()
            load.wait_sent(settings["count"] / 2)
            there.wait(5)
            other.kill()
            return self.holds(load, settings["timeout_ms"] / 1000, duplicates=duplicates)

    def test_F6_a_listener_is_killed_halfway(self):
        """Twice is handled what had begun, and what was handled and not committed: a moment's worth."""
        report = self.killed_halfway("notify", duplicates=50, count=size(200, 1000), pace_ms=100, handler_ms=10,
                                     timeout_ms=10000)
        self.assertEqual(report["accepted"], report["attempted"], report)

    def test_F6_a_server_is_killed_halfway(self):
        """The calls that it had taken end at their deadlines, and no other server runs them."""
        report = self.killed_halfway("call", duplicates=0, count=size(400, 2000), pace_ms=50,
                                     timeout_ms=8000)
        self.assertLessEqual(report["in_doubt"], THREADS, report)
        self.assertEqual(report["accepted"] + report["in_doubt"], report["attempted"], report)

    def test_F11_members_come_and_go(self):
        for verb, count in (("notify", size(1000, 20000)), ("call", size(600, 20000))):
            with self.subTest(verb), self.load(self.url, verb, count=count, threads=THREADS, pace_ms=size(50, 30),
                                               visitors=2, stay_ms=size(500, 2000), timeout_ms=30000) as load:
                report = self.holds(load, 30, duplicates=0)
                self.assertEqual(report["accepted"], report["attempted"], report)
                self.assertGreaterEqual(report["visits"], size(2, 10), report)


class Coordinator(MockCase):
    BROKERS = 3
    FAULTS = (
        "coordinator GROUP 2",
        "errors heartbeat NOT_COORDINATOR 1",
        "errors heartbeat UNKNOWN_MEMBER_ID 1",
        "errors heartbeat ILLEGAL_GENERATION 1",
        "errors join-group COORDINATOR_NOT_AVAILABLE 2",
        "errors heartbeat REBALANCE_IN_PROGRESS 1",
        "errors sync-group REBALANCE_IN_PROGRESS 1",
        "errors find-coordinator COORDINATOR_NOT_AVAILABLE 2",
        "coordinator GROUP 3",
    )

    def test_F12_the_coordinator_moves_and_errs(self):
        """Each time the members of the mock take seconds to join again, for which calls wait. What was handled and not
        committed when a session was lost comes again, and a listener knows it by its id; twice is handled what it was
        just about to settle."""
        for verb, faults in (("notify", self.FAULTS), ("call", self.FAULTS[:size(3, None)])):
            with self.subTest(verb), self.load(self.url, verb, count=len(faults) * size(60, 500), threads=4, pace_ms=40,
                                               timeout_ms=60000, identified=1) as load:
                topic = load.settings["topic"]
                group = "oslo_messaging_consumer" if verb == "notify" else f"gantry.topic/openstack/{topic}"
                for number, fault in enumerate(faults):
                    load.wait_sent(load.settings["count"] * (number + 0.5) / len(faults))
                    self.broker.command(fault.replace("GROUP", group))
                    load.healed()
                report = self.holds(load, 60, duplicates=10 if verb == "notify" else 0)
                self.assertEqual(report["accepted"], report["attempted"], report)
                self.assertTrue(load.closed())
                self.assertIn("the group has gone on without this member", load.log)


if __name__ == "__main__":
    run_cases("__main__")
