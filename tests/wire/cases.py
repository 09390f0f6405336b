# SPDX-License-Identifier: Apache-2.0
"""What the tests of the wire share: the player, and a report that names the vector."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "interop"))

from player import Player  # noqa: E402
from run_interop import Report  # noqa: E402


class WireReport(Report):
    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error:
            print(f"{subtest._message}:")
            self._show(self.failures if issubclass(error[0], test.failureException) else self.errors)


class WireCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.player = Player()

    @classmethod
    def tearDownClass(cls):
        cls.player.close()


def main():
    report = WireReport()
    loader, module = unittest.TestLoader(), sys.modules["__main__"]
    names = sys.argv[1:]
    suite = loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)
    suite.run(report)
    sys.exit(0 if report.wasSuccessful() and report.testsRun else 1)
