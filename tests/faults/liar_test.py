#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""R17: a server that lies, at every step and in every way that we could think of. R18: a right broker that
brings what another client made to break us.

While a server lies each operation ends in time and with a typed error; nothing crashes; and once the right
broker is on the port again the same process goes on with it.
"""

import concurrent.futures
import time
import traceback

import amqp_bytes as amqp
import lies
from fault_case import FaultCase, Load, hosts_url, main, size
from faulty_broker import FaultyBroker
from lying_server import LyingServer
from raw_client import RawClient

AT_ONCE = size(12, 4)  # each in a process of its own
TIMEOUT_SECONDS = 1
# A lie is told to the sender, the replies and the listener, so their attempts come in quick succession.
QUERY = "kombu_reconnect_delay=0.05&rabbit_retry_interval=0.1&rabbit_retry_backoff=0.1&rabbit_interval_max=0.5"


class Liar(FaultCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(FaultyBroker())

    def test_R17_a_server_that_lies(self):
        told = lies.ALL
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            outcomes = list(pool.map(self.outcome, told))
        print(f"\n| the server's lie (of {len(told)}) | what operations came to meanwhile | longest, s | recovery, s |\n"
              "| --- | --- | --: | --: |")
        for lie, report, trouble in outcomes:
            print(row(lie, report), flush=True)
            with self.subTest(lie.name):
                self.assertEqual(trouble, "")

    def outcome(self, lie):
        try:
            return lie, self.lied_to(lie), ""
        except Exception:  # told by the test's own thread
            return lie, None, traceback.format_exc()

    def lied_to(self, lie):
        # Where messages are lied about, the doubt of a call would last until its deadline.
        verb = "cast" if lie in lies.CONFIRMING else "call"
        with LyingServer(self.broker.port) as server:
            url = hosts_url(server.host, query=QUERY)
            with Load(server_url=url, client_url=url, verb=verb, topic=self.topic(), count=size(100, 400),
                      threads=4, pace_ms=50, timeout_ms=TIMEOUT_SECONDS * 1000, hold_at=10) as load:
                load.wait_sent(4)
                server.start_lying(lie)
                load.go_on(until=size(60, 300))
                asked = server.wait_told(3, seconds=5) or server.wait_told(1, seconds=0)
                time.sleep(size(0, 2 * TIMEOUT_SECONDS))
                server.stop_lying()
                load.healed()
                load.go_on()
                report = self.holds(load, TIMEOUT_SECONDS)
                self.assertTrue(asked, "nobody came to hear it")
                self.recovered(report, 1 + (TIMEOUT_SECONDS if verb == "call" else 0))
                self.assertTrue(load.closed())
                return report

    def test_R18_headers_nested_as_deep_as_a_frame_is_long(self):
        """Decoding them takes a stack of its own size."""
        deep = amqp.nested_arrays(26_190)
        with Load(server_url=self.broker.url, client_url=self.broker.url, verb="call", topic="r18", count=60,
                  threads=2, pace_ms=50, hold_at=30) as load, RawClient(self.broker.port) as client:
            load.wait_sent(4)
            client.publish("r18", b"{}", amqp.CONTENT_TYPE_FLAG | amqp.HEADERS_FLAG,
                           amqp.short(b"application/json") + deep)
            load.go_on()  # what follows it in the queue is answered after it was read
            report = self.holds(load, 10)
            self.assertEqual(report["accepted"], report["attempted"])
            self.assertEqual(report["unreadable"], 1)
            self.assertTrue(load.closed())
            self.assertIn("its headers are nested more than 8 deep", load.log)
            print(f"\n  most memory in use: {report['rss_mib']} MiB", flush=True)


def row(lie, report):
    if report is None:
        return f"| {lie.name} | FAILED | | |"
    ends = ", ".join(f"{n} {name}" for name, n in sorted(report["errors"].items())) or "success"
    return f"| {lie.name} | {ends} | {report['longest_op_s']:.2f} | {report['recovery_s']:.2f} |"


if __name__ == "__main__":
    main()
