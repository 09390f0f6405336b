#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command beside a Kafka that refuses its login or that it does not trust."""

import os
import unittest

from command_case import UNREACHABLE, CommandCase

VERBS = (("call", "calc", "ping"), ("cast", "calc", "ping"), ("demo",), ("serve", "--topic", "calc", "--server", "node-1"),
         ("notify", "--timeout", "20s"), ("listen", "--timeout", "20s"))


def host(listener):
    return f"localhost:{os.environ['GANTRY_TEST_TLS_PORT_' + listener]}"


class Refused(CommandCase):

    def refused(self, url):
        """What each verb says at its most talkative, which ends long before the time that it was given."""
        for verb in VERBS:
            yield self.gantry("-vv", *verb, code=UNREACHABLE, GANTRY_URL=url).stderr

    def test_sec_05_a_wrong_password_ends_with_6_and_is_not_shown(self):
        url = f"kafka://ada:c4n4ry-7f3a@{host('CLEAR')}/?security_protocol=SASL_PLAINTEXT&rdkafka=debug:all"
        for told in self.refused(url):
            self.assertIn("check user, password", told)
            self.assertNotIn("c4n4ry", told)

    def test_sec_01_a_certificate_that_is_not_trusted_ends_with_6(self):
        for told in self.refused(f"kafka+tls://{host('STRANGER')}/"):
            self.assertIn("check ssl_cafile", told)


if __name__ == "__main__":
    unittest.main()
