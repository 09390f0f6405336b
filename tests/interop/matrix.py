# SPDX-License-Identifier: Apache-2.0
"""The interop matrix: what was shown, in which direction, with which version of oslo.messaging."""

import json

CPP_TO_PYTHON = "C++ → Python"
PYTHON_TO_CPP = "Python → C++"
DIRECTIONS = (CPP_TO_PYTHON, PYTHON_TO_CPP)
# What has to be shown in each direction with each version; tests may show more.
FEATURES = ("call", "cast", "fanout", "server-directed", "notify v1", "notify v2", "pools", "call monitor",
            "remote errors", "mandatory", "failover")


class Column:
    """One version's cells: a feature and a direction hold when all tests that show them have passed."""

    def __init__(self, version, skipped=""):
        self.version = version
        self.skipped = skipped  # why, where nothing was tried
        self.cells = {}

    def note(self, feature, direction, ok):
        self.cells[feature, direction] = self.cells.get((feature, direction), True) and ok

    def mark(self, feature, direction):
        if self.skipped:
            return "SKIPPED"
        held = self.cells.get((feature, direction), False if feature in FEATURES else None)
        return {True: "ok", False: "FAIL", None: "-"}[held]

    def holds(self):
        """Whether every cell that has to be shown was, and no test has failed."""
        return all(self.cells.get((f, d), False) for f in FEATURES for d in DIRECTIONS) and all(self.cells.values())

    def save(self, path):
        rows = [[feature, direction, ok] for (feature, direction), ok in self.cells.items()]
        path.write_text(json.dumps(rows))

    @classmethod
    def load(cls, version, path):
        """What a run has saved; nothing, where it came to no end."""
        column = cls(version)
        for row in json.loads(path.read_text()) if path.exists() else []:
            column.note(*row)
        return column


def table(columns):
    beyond = [feature for column in columns for feature, _ in column.cells if feature not in FEATURES]
    features = FEATURES + tuple(dict.fromkeys(beyond))
    width = max(map(len, features))
    group = max(10 * len(columns), len(CPP_TO_PYTHON) + 2)
    lines = [f"{'':{width}}  {CPP_TO_PYTHON:{group}}{PYTHON_TO_CPP}".rstrip(),
             line("", [column.version for _ in DIRECTIONS for column in columns], width)]
    for feature in features:
        if feature in beyond[:1]:
            lines.append("and beyond these:")
        marks = [column.mark(feature, direction) for direction in DIRECTIONS for column in columns]
        lines.append(line(feature, marks, width))
    return "\n".join(lines)


def line(feature, marks, width):
    """The marks of one direction stand below its name."""
    half = len(marks) // 2
    group = max(10 * half, len(CPP_TO_PYTHON) + 2)
    cells = ["".join(f"{mark:10}" for mark in part) for part in (marks[:half], marks[half:])]
    return f"{feature:{width}}  {cells[0]:{group}}{cells[1]}".rstrip()
