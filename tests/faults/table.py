# SPDX-License-Identifier: Apache-2.0
"""What the cases measured, as a table of Markdown. Repetitions of a case are one row: the counts are added,
of the times it is the longest."""

import re

COUNTS = ("attempted", "accepted", "delivered", "lost", "duplicated", "in_doubt")
TIMES = ("longest_op_s", "recovery_s")
HEAD = ("case", *(name.replace("_", " ") for name in COUNTS), "longest operation, s", "recovery, s")

_rows = {}


def record(test_id, settings, report, lost):
    """`lost` as this case counts it."""
    figures = report | {"lost": lost}
    row = _rows.setdefault(_name(test_id, settings), dict.fromkeys((*COUNTS, *TIMES), 0))
    for count in COUNTS:
        row[count] += figures[count]
    for time in TIMES:
        row[time] = max(row[time], figures[time])


def markdown():
    lines = [_line(HEAD), _line("---" if i == 0 else "--:" for i in range(len(HEAD)))]
    for name, row in sorted(_rows.items(), key=lambda item: (_number(item[0]), item[0])):
        recovery = f"{row['recovery_s']:.2f}" if row["recovery_s"] else "–"
        lines.append(_line([name, *(row[c] for c in COUNTS), f"{row['longest_op_s']:.2f}", recovery]))
    return "\n".join(lines)


def _name(test_id, settings):
    number, words = re.search(r"test_([RF]\d+)_(\w+)$", test_id).groups()
    return f"{number} {words.replace('_', ' ')}: {settings.get('label') or settings['verb']}"


def _number(name):
    return int(re.match(r"[RF](\d+)", name)[1])


def _line(cells):
    return f"| {' | '.join(str(cell) for cell in cells)} |"
