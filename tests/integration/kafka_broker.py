#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command beside a private Kafka: kafka_broker.py --mock [--brokers N] | --real [--nodes N] -- COMMAND...

The command finds the broker's URL in GANTRY_TEST_KAFKA and its processes in GANTRY_TEST_KAFKA_PIDS. --mock is
librdkafka's mock cluster, --real an Apache Kafka; of that a GANTRY_TEST_KAFKA that is set already names one
(its URL, or HOST:PORT,...), which is then used in place of a private one. The exit code is the command's own;
77 means that there is no such broker to run. Any number of them can stand side by side, and nothing is left
behind: the brokers die with this process.
"""

import argparse
import os
import sys

import beside
import mock_kafka
import real_kafka


def run_beside(broker, command):
    return beside.run(command, {
        "GANTRY_TEST_KAFKA": broker.url,
        "GANTRY_TEST_KAFKA_PIDS": " ".join(map(str, broker.pids)),
    })


def run_with_mock(arguments, command):
    if not mock_kafka.installed():
        return skip(f"{mock_kafka.PROGRAM} is not built; it is where librdkafka is found (package librdkafka-dev)")
    with mock_kafka.MockKafka(arguments.brokers) as broker:
        return run_beside(broker, command)


def run_with_real(arguments, command):
    if named := os.environ.get("GANTRY_TEST_KAFKA"):
        return beside.run(command, {"GANTRY_TEST_KAFKA": named if "://" in named else f"kafka://{named}/"})
    if reason := real_kafka.missing():
        return skip(reason)
    with real_kafka.RealKafka(arguments.nodes) as broker:
        return run_beside(broker, command)


def skip(reason):
    print(f"SKIPPED: {reason}", file=sys.stderr)
    return beside.EXIT_SKIPPED


def main(words):
    if "--" not in words[:-1]:
        print(__doc__.splitlines()[0], file=sys.stderr)
        return 2
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0])
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--mock", dest="run", action="store_const", const=run_with_mock)
    kind.add_argument("--real", dest="run", action="store_const", const=run_with_real)
    parser.add_argument("--brokers", type=int, default=1)
    parser.add_argument("--nodes", type=int, default=1)
    arguments = parser.parse_args(words[:words.index("--")])
    command = words[words.index("--") + 1:]
    return beside.until_signalled(lambda: arguments.run(arguments, command))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
