#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The contract's tests over Kafka: conformance_kafka.py --mock|--real

Each theme runs beside a mock cluster of its own, several at a time: a group takes seconds to form there, and
hardly any of the processor's. A real broker serves them all, one after the other. Takes the program from
GANTRY_CONFORMANCE; GANTRY_PLUGIN_PATH leads to the driver.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

PROGRAM = os.environ["GANTRY_CONFORMANCE"]
BROKER = pathlib.Path(__file__).with_name("kafka_broker.py")
AT_A_TIME = 4
# The mock takes about as long as a session for each that joins, and forgets who waits when that is shorter; and it
# keeps a fetch for which it has nothing until its time is over, whatever comes meanwhile.
QUERY = {"--mock": "?session_timeout=4&kafka_consumer_timeout=0.05", "--real": ""}


def run(kind, cases):
    """The exit code and what was printed."""
    command = f'exec "$0" "$GANTRY_TEST_KAFKA{QUERY[kind]}" --filter "$1"'
    done = subprocess.run([sys.executable, BROKER, kind, "--", "sh", "-c", command, PROGRAM, cases],
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def themes():
    listed = subprocess.run([PROGRAM, "--list"], capture_output=True, text=True, check=True).stdout
    return list(dict.fromkeys(line.split(":")[0] for line in listed.splitlines()))


def main(kind):
    filters = [f"{theme}: *" for theme in themes()] if kind == "--mock" else ["*"]
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        codes = []
        for code, text in pool.map(lambda cases: run(kind, cases), filters):
            print(text, flush=True)
            codes.append(code)
    return next((code for code in codes if code != 0), 0)


if __name__ == "__main__":
    if sys.argv[1:] not in (["--mock"], ["--real"]):
        sys.exit(__doc__.splitlines()[0])
    sys.exit(main(sys.argv[1]))
