#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Counts notifications over Kafka, on both sides: count_kafka_notifications.py [COUNT]

Runs beside a Kafka (tests/integration/kafka_broker.py) with what counting.py needs. Prints for each run what was
sent, what each listener received, what is missing and what came twice:

  COUNT of Python's into a pool of two gantry listeners: none is missing
  COUNT of gantry's into a Python listener: none is missing
    (both with every version of oslo.messaging there is)
  COUNT of three gantry publishers' into a pool of two gantry listeners: none is missing, each publisher's in order

Python has no order: its records have no key, and its listener handles many at once. Exit code 77: the peer is
missing.
"""

import os
import pathlib
import re
import sys

from counting import EXIT_SKIPPED, Counting, exit_code, with_each_peer

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "integration"))
import kafka_wire  # noqa: E402

PRIORITIES = ("audit", "debug", "info", "warn", "error", "critical", "sample")
PUBLISHERS = ("node-1", "node-2", "node-3")


def with_topics(counting):
    """Python's listener misses what is sent into a topic that it did not find when it started."""
    port = int(re.search(r":(\d+)", counting.url)[1])
    for priority in PRIORITIES:
        kafka_wire.make_topic(port, f"{counting.topic}.{priority}")
    return counting


def nothing_lost(counting, senders):
    counting.wait_until(lambda: counting.received() >= counting.count and not counting.missing())
    return counting.end(senders)[0]


def python_into_gantry(url, count, peer):
    counting = with_topics(Counting(f"{peer.version}'s, into a pool of two gantry listeners", url, count,
                                    peer.interpreter))
    for name in ("gantry 1", "gantry 2"):
        counting.gantry(name, "--pool", counting.pool)
    return nothing_lost(counting, counting.send_from_python())


def gantry_into_python(url, count, peer):
    counting = with_topics(Counting(f"gantry's, into a listener of {peer.version}", url, count, peer.interpreter))
    counting.python("Python")
    return nothing_lost(counting, counting.send_from_gantry())


def gantry_in_order(url, count):
    counting = Counting("three gantry publishers', into a pool of two gantry listeners", url, count)
    for name in ("gantry 1", "gantry 2"):
        counting.gantry(name, "--pool", counting.pool)
    wrong = nothing_lost(counting, counting.send_from_gantry(PUBLISHERS))
    return wrong + [f"{listener.name} got those of {publisher} out of order"
                    for listener in counting.listeners for publisher in PUBLISHERS
                    if not in_order(listener, publisher)]


def in_order(listener, publisher):
    """Whether each came after those before it; what came twice may come again behind later ones."""
    numbers = list(dict.fromkeys(each["payload"]["n"] for each in listener.all() if each["publisher_id"] == publisher))
    return numbers == sorted(numbers)


def main(count="2000"):
    url = os.environ["GANTRY_TEST_KAFKA"]
    wrong = with_each_peer(lambda peer: python_into_gantry(url, int(count), peer) +
                           gantry_into_python(url, int(count), peer))
    if wrong is None:
        return EXIT_SKIPPED
    return exit_code(wrong + gantry_in_order(url, int(count)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
