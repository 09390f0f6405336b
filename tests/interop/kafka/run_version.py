#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The interop tests over Kafka with one version of oslo.messaging: run_version.py [--again] mock|real [TEST...]

That version is the one of the interpreter that runs this. Stands beside a broker
(tests/integration/kafka_broker.py) and takes the command under test from GANTRY_COMMAND and the sender
peers/notify_many.cpp from GANTRY_NOTIFY_MANY. With --again the tests that no version makes a difference to
are left out, for they have run already. run_all.py runs this with every version there is.
"""

import argparse
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "peers")]

from run_interop import Report, chosen, title  # noqa: E402


def those_for(kind, tests):
    for test in tests:
        if kind == "mock" and getattr(test, "needs_real", False):
            print(f"not beside the mock: {title(test)}", flush=True)
        else:
            yield test


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--again", action="store_true")
    parser.add_argument("kind", choices=["mock", "real"])
    parser.add_argument("tests", nargs="*")
    arguments = parser.parse_args()
    for variable in ("GANTRY_TEST_KAFKA", "GANTRY_COMMAND", "GANTRY_NOTIFY_MANY"):
        if variable not in os.environ:
            print(f"{variable} is not set; run this through tests/integration/kafka_broker.py", file=sys.stderr)
            return 2
    os.environ["GANTRY_KAFKA_KIND"] = arguments.kind
    loader = unittest.TestLoader()
    tests = loader.loadTestsFromNames(arguments.tests) if arguments.tests else loader.discover(str(HERE))
    report = Report()
    unittest.TestSuite(those_for(arguments.kind, chosen(tests, arguments.again))).run(report)
    return 0 if report.wasSuccessful() and report.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
