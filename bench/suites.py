# SPDX-License-Identifier: Apache-2.0
"""The cases of each broker, and which is set against which."""

import pathlib
import subprocess

from cases import Alone, Case, InOneProcess, Library

HERE = pathlib.Path(__file__).resolve().parent
OSLO = ("/usr/bin/python3", str(HERE / "oslo_bench.py"))

# The mock keeps a fetch for which it has nothing until its time is over, whatever comes meanwhile; and it takes
# about as long as a session for each that joins a group which has others.
MOCK_QUERY = "?session_timeout=4&kafka_consumer_timeout=0.01"
IN_FLIGHT = 5000
# As many as the mock's partitions hold: 5 MB each.
TO_DRAIN = 20000


def rabbit(build):
    gantry, raw = (str(build / "bench/rpc_bench"),), (str(build / "bench/raw_rabbitmq"),)
    return [
        InOneProcess("rabbit", "fake", str(build / "bench/fake_bench")),
        Case("rabbit", "gantry rabbit, 1 thread", gantry, "client", 1),
        Case("rabbit", "gantry rabbit, 16 threads", gantry, "client", 16),
        Case("rabbit", "gantry rabbit, 16 async", gantry, "async", 16),
        Case("rabbit", "rabbitmq-c, 1 thread", raw, "client", 1),
        Case("rabbit", "rabbitmq-c, 16 threads", raw, "client", 16),
        Case("rabbit", "rabbitmq-c, 16 async", raw, "async", 16),
        Case("rabbit", "rabbitmq-c alike, 1 thread", raw, "client_alike", 1, server="server_alike"),
        Case("rabbit", "rabbitmq-c shared, 16 threads", raw, "client_shared", 16),
        Case("rabbit", "gantry rabbit, 64 threads", gantry, "client", 64),
        Case("rabbit", "rabbitmq-c, 64 threads", raw, "client", 64),
        Case("rabbit", "oslo.messaging, 1 thread", OSLO, "client", 1),
        Case("rabbit", "oslo.messaging, 16 threads", OSLO, "client", 16),
        Alone("rabbit", "gantry notify, 1 by 1", gantry, "notify", 1),
        Alone("rabbit", "gantry notify, 100 async", gantry, "notify_async", 100),
        Alone("rabbit", "rabbitmq-c notify, 1 by 1", raw, "publish", 1),
        Alone("rabbit", "rabbitmq-c notify, 100 async", raw, "publish", 100),
        Alone("rabbit", "oslo.messaging notify", OSLO, "notify", 1),
        Alone("rabbit", "gantry drain", gantry, "drain", TO_DRAIN),
        Alone("rabbit", "rabbitmq-c drain", raw, "drain", TO_DRAIN),
        Alone("rabbit", "oslo.messaging drain", OSLO, "drain", TO_DRAIN // 4),
    ]


def kafka(build, query):
    gantry, raw = (str(build / "bench/rpc_bench"),), (str(build / "bench/raw_kafka"),)
    more = query + "&" if query else "?"
    spread, together = more + "partition_by=random", more + "producer_batch_timeout=0.001"
    return [
        Case("kafka", "gantry kafka, 1 thread", gantry, "client", 1, query),
        Case("kafka", "gantry kafka, 16 threads", gantry, "client", 16, query),
        Case("kafka", "gantry kafka, 16 async", gantry, "async", 16, query),
        Case("kafka", "librdkafka, 1 thread", raw, "client", 1, query),
        Case("kafka", "librdkafka, 16 async", raw, "async", 16, query),
        Alone("kafka", "gantry kafka notify, 1 by 1", gantry, "notify", 1, query),
        Alone("kafka", "gantry kafka notify, async", gantry, "notify_window", IN_FLIGHT, query),
        Alone("kafka", "gantry kafka notify, async, 1 ms", gantry, "notify_window", IN_FLIGHT, together),
        Alone("kafka", "librdkafka notify, 1 by 1", raw, "publish_each", 1, query),
        Alone("kafka", "librdkafka notify, async", raw, "publish", IN_FLIGHT, query),
        Alone("kafka", "librdkafka and Boost.JSON notify, async", raw, "publish_json", IN_FLIGHT, query),
        Alone("kafka", "gantry kafka drain", gantry, "drain", TO_DRAIN, spread),
        Alone("kafka", "librdkafka drain", raw, "drain", TO_DRAIN, query),
        Alone("kafka", "gantry kafka first", gantry, "first", 1, query),
        Alone("kafka", "librdkafka first", raw, "first", 1, query),
        Alone("kafka", "gantry kafka load", gantry, "load", 1, query),
        Library("kafka", "librdkafka load", gantry, "librdkafka.so.1"),
    ] + ([Alone("kafka", "oslo.messaging kafka notify", OSLO, "notify", 1)] if python_speaks_kafka() else [])


def python_speaks_kafka():
    return subprocess.run([OSLO[0], "-c", "import confluent_kafka"], stderr=subprocess.DEVNULL).returncode == 0


# What is set against what: ours, the floor, the peer if there is one.
COMPARISONS = [
    ("fake rpc, 1 threads", "fake bare, 1 threads", None),
    ("fake rpc, 16 threads", "fake bare, 16 threads", None),
    ("gantry rabbit, 1 thread", "rabbitmq-c, 1 thread", "oslo.messaging, 1 thread"),
    ("rabbitmq-c alike, 1 thread", "rabbitmq-c, 1 thread", None),
    ("rabbitmq-c shared, 16 threads", "rabbitmq-c, 16 threads", None),
    ("gantry rabbit, 64 threads", "rabbitmq-c, 64 threads", None),
    ("gantry rabbit, 16 threads", "rabbitmq-c, 16 threads", "oslo.messaging, 16 threads"),
    ("gantry rabbit, 16 async", "rabbitmq-c, 16 async", "oslo.messaging, 16 threads"),
    ("gantry notify, 1 by 1", "rabbitmq-c notify, 1 by 1", "oslo.messaging notify"),
    ("gantry notify, 100 async", "rabbitmq-c notify, 100 async", "oslo.messaging notify"),
    ("gantry drain", "rabbitmq-c drain", "oslo.messaging drain"),
    ("gantry kafka, 1 thread", "librdkafka, 1 thread", None),
    ("gantry kafka, 16 threads", "librdkafka, 16 async", None),
    ("gantry kafka, 16 async", "librdkafka, 16 async", None),
    ("gantry kafka notify, 1 by 1", "librdkafka notify, 1 by 1", "oslo.messaging kafka notify"),
    ("gantry kafka notify, async", "librdkafka notify, async", "oslo.messaging kafka notify"),
    ("librdkafka and Boost.JSON notify, async", "librdkafka notify, async", None),
    ("gantry kafka notify, async, 1 ms", "librdkafka notify, async", "oslo.messaging kafka notify"),
    ("gantry kafka drain", "librdkafka drain", None),
    ("gantry kafka first", "librdkafka first", None),
    ("gantry kafka load", "librdkafka load", None),
]
