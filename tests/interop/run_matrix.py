#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The interop tests with every version of oslo.messaging there is, side by side on one broker, and the matrix.

Stands beside a broker (tests/integration/rabbit_broker.py), as run_interop.py does, which it runs. A
version that is missing is a column that says SKIPPED, and a skipped case. Exit code 77: all are.
"""

import pathlib
import subprocess
import sys
import tempfile
import threading

import versions
from matrix import Column, table

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "integration"))

from rabbit_broker import EXIT_SKIPPED, die_with_parent  # noqa: E402

ENDS = ("[       OK ]", "[  FAILED  ]")


class Run:
    """One version's. What it prints is passed on a case at a time, so that two runs do not mix."""

    printing = threading.Lock()

    def __init__(self, peer, directory, first):
        self.version = peer.version
        self.saved = directory / peer.version
        command = [peer.interpreter, "-W", "ignore", str(HERE / "run_interop.py"), "--column", str(self.saved)]
        self.process = subprocess.Popen(
            command + ([] if first else ["--again"]), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            encoding="utf-8", errors="replace", preexec_fn=die_with_parent)
        self.reader = threading.Thread(target=self._pass_on)
        self.reader.start()

    def column(self):
        self.reader.join()
        return Column.load(self.version, self.saved)

    def good(self):
        return self.process.wait() == 0

    def _pass_on(self):
        held = []
        for line in self.process.stdout:
            held.append(line)
            if line.startswith(ENDS):
                self._print(held)
                held = []
        self._print(held)

    def _print(self, lines):
        with self.printing:
            print("".join(lines), end="", flush=True)


def skip(peer):
    name = f"Interop with {peer.version}"
    print(f"[ RUN      ] {name}\nrun_matrix.py: Skipped\n{peer.missing}\n[  SKIPPED ] {name} (0 ms)", flush=True)


def main():
    peers = versions.peers()
    there = [peer for peer in peers if not peer.missing]
    for peer in peers:
        if peer.missing:
            skip(peer)
    if not there:
        return EXIT_SKIPPED
    with tempfile.TemporaryDirectory() as directory:
        runs = {peer.version: Run(peer, pathlib.Path(directory), peer is there[0]) for peer in there}
        columns = [Column(peer.version, skipped=peer.missing) if peer.missing else runs[peer.version].column()
                   for peer in peers]
    print(f"\n=== interop with oslo.messaging\n{table(columns)}")
    for peer in peers:
        if peer.missing:
            print(f"!!! SKIPPED: {peer.version}: {peer.missing}")
    held = all(column.holds() for column in columns if not column.skipped)
    return 0 if held and all(run.good() for run in runs.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
