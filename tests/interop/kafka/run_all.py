#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The interop tests over Kafka with every version of oslo.messaging there is, one after the other: run_all.py mock|real

Stands beside a broker (tests/integration/kafka_broker.py), as run_version.py does, which it runs. A version
that is missing is a skipped case. Exit code 77: all are.
"""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
INTEROP = HERE.parent
sys.path[:0] = [str(INTEROP), str(INTEROP.parent / "integration")]

import versions  # noqa: E402
from beside import EXIT_SKIPPED, die_with_parent  # noqa: E402

HAS_KAFKA = "import confluent_kafka"


def without_kafka(peer):
    """Why this version cannot be tested with; nothing where it can."""
    if peer.missing or subprocess.run([peer.interpreter, "-c", HAS_KAFKA], capture_output=True).returncode == 0:
        return peer.missing
    return f"{peer.interpreter} has no confluent_kafka; install the package python3-confluent-kafka, or run scripts/peers"


def skip(peer, reason):
    name = f"Interop over Kafka with {peer.version}"
    print(f"[ RUN      ] {name}\nrun_all.py: Skipped\n{reason}\n[  SKIPPED ] {name} (0 ms)", flush=True)


def run(kind, peer, first):
    again = [] if first else ["--again"]
    return subprocess.run([peer.interpreter, "-W", "ignore", str(HERE / "run_version.py"), *again, kind],
                          preexec_fn=die_with_parent).returncode


def main(kind):
    codes = []
    for peer in versions.peers():
        if reason := without_kafka(peer):
            skip(peer, reason)
        else:
            codes.append(run(kind, peer, first=not codes))
    return next(filter(None, codes), 0) if codes else EXIT_SKIPPED


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
