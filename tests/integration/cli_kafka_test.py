#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command beside a Kafka, which cannot take a single notification back."""

import json
import os
import subprocess
import unittest
import uuid

from command_case import COMMAND, FAILED, PATIENCE_SECONDS, CommandCase, environment

# The mock takes about as long as a session for each that joins, and keeps a fetch that finds nothing for its time.
URL = os.environ["GANTRY_TEST_KAFKA"] + "?session_timeout=4&kafka_consumer_timeout=0.05"


class Notifications(CommandCase):

    def setUp(self):
        self.topic = "cli-" + uuid.uuid4().hex[:12]
        # With a group of its own, so that tests do not wait for each other's members.
        self.place = ("--topic", self.topic, "--pool", self.topic)

    def notify(self, *arguments):
        return self.gantry("notify", URL, "--topic", self.topic, *arguments, "-q").stdout.strip()

    def listen(self, *arguments):
        done = self.gantry("listen", URL, "--json", *self.place, "--priority", "info", *arguments)
        return [json.loads(line)["message_id"] for line in done.stdout.splitlines()], done.stderr

    def test_max_leaves_the_others_with_the_broker(self):
        sent = [self.notify() for _ in range(6)]
        taken, told = [], []
        for most, batch in (("1", "1"), ("2", "3"), ("3", "1")):
            ids, err = self.listen("--max", most, "--batch", batch, "--batch-timeout", "10ms")
            taken += ids
            told.append(err.splitlines()[-1])
            self.assertNotIn("lost", err)
        self.assertEqual(taken, sent, "of one publisher, in order")
        for most, last in zip((1, 2, 3), told):
            self.assertRegex(last, rf"^ledger: sent 0; received \d+: {most} handled")
        self.assertRegex(told[2], "received 3: 3 handled$")

    def test_what_cannot_be_printed_is_left(self):
        id = self.notify()
        for bound in ((), ("--max", "1")):
            with open("/dev/full", "w") as full:
                done = subprocess.run([COMMAND, "listen", URL, *self.place, "--priority", "info", *bound], stdout=full,
                                      stderr=subprocess.PIPE, text=True, timeout=PATIENCE_SECONDS, env=environment())
            self.assertEqual(done.returncode, FAILED, done.stderr)
        self.assertEqual(self.listen("--max", "1")[0], [id])

    def test_NLSN_7_requeue_once_is_refused(self):
        done = self.gantry("listen", URL, "--requeue-once", *self.place, code=FAILED)
        self.assertIn("cannot requeue", done.stderr)


if __name__ == "__main__":
    unittest.main()
