#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The interop tests against unmodified oslo.messaging: run_interop.py [TEST...]

Runs beside a broker (tests/integration/rabbit_broker.py) and takes the command under test from
GANTRY_COMMAND. Prints the matrix of what was shown in which direction. Exit code 77: the peer is missing.
"""

import os
import pathlib
import sys
import unittest

EXIT_SKIPPED = 77


def main(names):
    for variable in ("GANTRY_TEST_RABBIT", "GANTRY_COMMAND"):
        if variable not in os.environ:
            print(f"{variable} is not set; run this through tests/integration/rabbit_broker.py", file=sys.stderr)
            return 2
    try:
        import oslo_messaging  # noqa: F401
    except ImportError as e:
        print(f"SKIPPED: {sys.executable} has no oslo.messaging ({e}); install the package "
              "python3-oslo.messaging", file=sys.stderr)
        return EXIT_SKIPPED
    import case

    loader = unittest.TestLoader()
    here = str(pathlib.Path(__file__).parent)
    tests = loader.loadTestsFromNames(names) if names else loader.discover(here)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(tests)
    print(f"\n{case.MATRIX}")
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
