#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that each driver exports its descriptor and nothing else.

usage: exports_test.py NM DRIVER…

Whatever else a plugin exported could be taken for a symbol of the same name elsewhere.
"""

import subprocess
import sys

nm, drivers = sys.argv[1], sys.argv[2:]
wrong = []
for driver in drivers:
    listing = subprocess.run([nm, "-D", "--defined-only", driver], capture_output=True, text=True, check=True)
    symbols = [line.split()[-1] for line in listing.stdout.splitlines()]
    if len(symbols) != 1 or not symbols[0].startswith("gantry_driver_abi"):
        wrong.append(f"{driver} exports {', '.join(symbols) or 'nothing'}")
print("\n".join(wrong) or f"{len(drivers)} drivers export one symbol each")
sys.exit(1 if wrong or not drivers else 0)
