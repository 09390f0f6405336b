# SPDX-License-Identifier: Apache-2.0
"""What all cases of the fault plan have in common: the rules that hold everywhere, and the table.

Everywhere: nothing that was accepted is lost, nothing runs twice, no operation outlasts its deadline, and
every error is typed. The cases run in small unless GANTRY_FAULTS=full.
"""

import itertools
import os
import sys
import traceback
import unittest

import table
from faulty_broker import rabbit_broker
from load import Load

FULL = os.environ.get("GANTRY_FAULTS") == "full"
SLACK_SECONDS = 0.2 if FULL else 2  # a busy machine is no fault of ours
EXIT_SKIPPED = 77
VERBS = ("call", "cast", "notify")
QUICK = "kombu_reconnect_delay=0.1&rabbit_retry_interval=0.2&rabbit_retry_backoff=0.2"
DURABLE = "amqp_durable_queues=true"
QUORUM = "rabbit_quorum_queue=true&rabbit_transient_quorum_queue=true"


def size(small, full):
    return full if FULL else small


class FaultCase(unittest.TestCase):
    topics = itertools.count()

    def topic(self):
        return f"t{next(self.topics)}"

    def holds(self, load, timeout, lost="lost", duplicates=0):
        """The rules that hold everywhere; returns the report. lost="lost_after_fault" where the fault is the
        deletion of a queue, and with it of what is in it. duplicates: what a killed process had begun."""
        report = load.result()
        table.record(self.id(), load.settings, report, report[lost])
        details = f"{report}\n{self.whereabouts(load, report)}\n{load.log[-4000:]}"
        self.assertEqual(report[lost], 0, details)
        self.assertLessEqual(report["duplicated"], duplicates, details)
        self.assertEqual(report["unexpected"], 0, details)
        self.assertEqual(report["wrong_answers"], 0, details)
        self.assertNotIn("untyped", report["errors"], details)
        self.assertLessEqual(report["longest_op_s"], timeout + SLACK_SECONDS, details)
        return report

    def whereabouts(self, load, report):
        """What the broker has of what was accepted and not delivered, where that can be told."""
        return ""

    def recovered(self, report, seconds):
        self.assertGreaterEqual(report["recovery_s"], 0, report)
        self.assertLessEqual(report["recovery_s"], seconds + (0 if FULL else 5), report)


def hosts_url(*hosts, query=QUICK):
    return f"rabbit://{','.join(f'guest:guest@{host}' for host in hosts)}/?{query}"


class ToldAtOnce(unittest.TextTestResult):
    """Says what went wrong when it did: a run takes long."""

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        self._tell(error)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._tell(error)

    def addError(self, test, error):
        super().addError(test, error)
        self._tell(error)

    def _tell(self, error):
        if error is not None:
            self.stream.writeln("".join(traceback.format_exception(*error)))
            self.stream.flush()


def main(module="__main__"):
    """Runs the cases that the command line names, all without, and prints what they measured."""
    if not rabbit_broker.installed():
        print("SKIPPED: RabbitMQ is not installed; install the package rabbitmq-server", file=sys.stderr)
        sys.exit(EXIT_SKIPPED)
    run_cases(module)


def run_cases(module):
    runner = unittest.TextTestRunner(verbosity=2, resultclass=ToldAtOnce)
    program = unittest.main(module, testRunner=runner, exit=False)
    print(f"\n{table.markdown()}", flush=True)
    result = program.result
    for _, reason in result.skipped:
        print(f"SKIPPED: {reason}", file=sys.stderr)
    # A class that is skipped as a whole has not run its tests, so they are not counted as run.
    tried = result.testsRun - sum(isinstance(test, unittest.TestCase) for test, _ in result.skipped)
    if tried == 0 and result.skipped and result.wasSuccessful():
        sys.exit(EXIT_SKIPPED)
    sys.exit(not result.wasSuccessful())


__all__ = ["DURABLE", "FULL", "QUICK", "QUORUM", "SLACK_SECONDS", "VERBS", "FaultCase", "Load", "hosts_url", "main", "run_cases",
           "size"]
