#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sums up what `meson test` wrote: names what was skipped and what failed, and counts.

usage: scripts/summarise_tests.py BUILD_DIR...

A program that reports as googletest or TAP does counts by its cases, any other test as one. What a test printed
from a line "=== …" on is shown as it is. The last line is "N passed, N failed, N skipped". Exits with 1 when
something failed, and, where the environment says CI=true, when something was skipped that only a missing
broker or peer can make skip: a whole test, or a case of the suites named in NEVER_SKIPPED. A peer or a broker
that a registry gives which cannot be reached is no reason to fail, and neither is a machine that lets nobody make
network namespaces: what is skipped for that says "no registry" or "no namespace".
"""

import json
import os
import re
import sys
from collections import Counter
from pathlib import Path

NEVER_SKIPPED = {"integration", "interop"}
EXCUSED = ("no registry", "no namespace")
REPORT = re.compile(r"^=== .*", re.MULTILINE | re.DOTALL)
CASE = re.compile(r"^\[ +(OK|FAILED|SKIPPED) +\] (.*?)(?:, where .*)? \(\d+ ms\)$")
SKIP_REASON = re.compile(r"^.*: Skipped$")
TAP_PLAN = re.compile(r"^1\.\.\d+$", re.MULTILINE)
TAP_CASE = re.compile(r"^(ok|not ok) \d+ - (.*?)(?: # SKIP (.*))?$", re.MULTILINE)


class Summary:
    def __init__(self):
        self.count = Counter()
        self.failed = []
        self.skipped = []  # (name, reason)
        self.wrongly_skipped = 0
        self.reports = []

    def add(self, test):
        self.reports += REPORT.findall(test["stdout"])
        cases = cases_of(test["stdout"])
        results = Counter(result for result, _, _ in cases)
        whole = test["result"]
        if whole == "SKIP":
            reason = last_line(test)
            self.skip(test["name"], reason, wrongly=not is_excused(reason.removeprefix("SKIPPED: ")))
        elif not cases:
            self.end(test["name"], whole in ("OK", "EXPECTEDFAIL"), whole)
        elif whole != "OK" and not results["FAILED"]:
            self.end(test["name"], False, f"{whole} outside of its cases")
        for result, name, reason in cases:
            name = f"{test['name']}: {name}"
            if result == "SKIPPED":
                needed = NEVER_SKIPPED & suites_of(test) and not is_excused(reason)
                self.skip(name, reason, wrongly=bool(needed))
            else:
                self.end(name, result == "OK", "FAILED")

    def end(self, name, good, result):
        self.count["passed" if good else "failed"] += 1
        if not good:
            self.failed.append(f"{name} ({result})")

    def skip(self, name, reason, wrongly):
        self.count["skipped"] += 1
        self.skipped.append(f"{name}: {reason}")
        self.wrongly_skipped += wrongly

    def show(self, strict):
        for report in self.reports:
            print(f"\n{report.strip()}")
        show_list("SKIPPED, so not tested here", self.skipped)
        show_list("FAILED", self.failed)
        if strict and self.wrongly_skipped:
            print(f"\n!!! CI: {self.wrongly_skipped} of the skipped tests must not be skipped: their broker or peer is missing")
        print()
        print(", ".join(f"{self.count[kind]} {kind}" for kind in ("passed", "failed", "skipped")))


def is_excused(reason):
    return reason.startswith(EXCUSED)


def show_list(title, items):
    if items:
        print(f"\n!!! {title}:")
        for item in items:
            print(f"!!!   {item}")


def cases_of(output):
    """The cases that ran to their end: (result, name, why it was skipped)."""
    return tap_cases(output) if TAP_PLAN.search(output) else googletest_cases(output)


def tap_cases(output):
    results = {"ok": "OK", "not ok": "FAILED"}
    return [("SKIPPED" if reason else results[result], name, reason)
            for result, name, reason in TAP_CASE.findall(output)]


def googletest_cases(output):
    cases, reason = [], ""
    lines = output.splitlines()
    for line, following in zip(lines, lines[1:] + [""]):
        if SKIP_REASON.match(line):
            reason = following
        elif match := CASE.match(line):
            cases.append((match[1], match[2], reason))
            reason = ""
    return cases


def suites_of(test):
    """Meson names a test "project:suite+suite / name"."""
    return set(test["name"].rpartition(" / ")[0].rpartition(":")[2].split("+"))


def last_line(test):
    lines = (test["stdout"] + test.get("stderr", "")).strip().splitlines()
    return lines[-1] if lines else "no reason given"


def main():
    summary = Summary()
    for build in sys.argv[1:]:
        log = Path(build, "meson-logs", "testlog.json")
        if not log.exists():
            summary.end(build, False, "no test ran")
            continue
        for line in log.read_text().splitlines():
            summary.add(json.loads(line))
    strict = os.environ.get("CI") == "true"
    summary.show(strict)
    return 1 if summary.failed or (strict and summary.wrongly_skipped) else 0


if __name__ == "__main__":
    sys.exit(main())
