#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes python_reprs.txt: a double's bits in hexadecimal, and what Python's repr makes of it."""

import random
import struct

CORNERS = [
    0.0, -0.0, 1.0, -1.0, 0.1, 0.2, 0.3, 1 / 3, 2 / 3, 1.5, 100.0, 123456789.0, 5e-324, 1e-323, 2.5e-323,
    2.225073858507201e-308, 2.2250738585072014e-308, 1.7976931348623157e308, 1e-5, 9.999999999999999e-05,
    0.0001, 0.00012345678901234567, 0.001, 1e15, 1e16, 9999999999999998.0, 1.2345678901234567e16, 1e17, 1e21,
    1e22, 1e23, 9007199254740991.0, 9007199254740992.0, 9007199254740993.0, 1e-7, 1e-06, 1e100, 1e-100,
    5.684341886080802e-14, 9.5367431640625e-07, 4503599627370496.5, 1732.0508075688772, 1704067200.123456,
]


def main():
    random.seed(20240101)
    numbers = CORNERS + [2.0**power for power in range(-1074, 1024, 23)]
    numbers += [10.0**power for power in range(-30, 31)]
    numbers += [struct.unpack("<d", random.randbytes(8))[0] for _ in range(100)]
    numbers += [round(random.uniform(-1e6, 1e6), 3) for _ in range(30)]
    for number in numbers:
        if number == number and abs(number) != float("inf"):
            print(struct.pack(">d", number).hex(), repr(number))


if __name__ == "__main__":
    main()
