# SPDX-License-Identifier: Apache-2.0
"""Whether a soak has held."""

import collections
import dataclasses
import re

TIMEOUT_SECONDS, SLACK_SECONDS = 10, 0.2
P99_MS = 50
SETTLED_AFTER = 5  # minutes; until then caches and pools fill
RSS_KIB_PER_MINUTE = 1024 / 10
LOG_LINES_PER_MINUTE = 10


@dataclasses.dataclass
class Sample:
    minute: int
    rss_kib: int
    threads: int
    descriptors: int
    p99_ms: dict


def verdict(report, samples, log_lines, closed, idle):
    """Prints each rule with its figure; true when all hold. `idle` is the part of the time that no processor had
    anything to do: near 0 the machine had other work, and the latencies are that work's."""
    rules = [*counts(report), *latencies(report), *flatness(samples), *flood(log_lines),
             ("closed in order", closed, closed)]
    rules.append(("for judging the latencies: processors idle", f"{idle:.0%}", True))
    print()
    for name, figure, holds in rules:
        print(f"{'ok  ' if holds else 'FAIL'}  {name}: {figure}")
    for verb in ("calls", "notifications", "fanouts"):
        shown = {key: value for key, value in report[verb].items() if key != "examples"}
        print(f"\n{verb}: {shown}")
        for name, text in report[verb]["examples"].items():
            print(f"  {name}: {text}")
    print(f"\nsent: {report['sending']}\nreceived: {report['serving']}")
    held = all(holds for _, _, holds in rules)
    print(f"\nsoak: {'passed' if held else 'FAILED'}")
    return held


def counts(report):
    for key in ("lost", "duplicated", "unexpected", "open"):
        found = {verb: report[verb][key] for verb in ("calls", "notifications", "fanouts")}
        yield key, found, not any(found.values())
    untyped = sum(report[verb]["errors"].get("untyped", 0) for verb in ("calls", "notifications", "fanouts"))
    yield "errors without a type", untyped, untyped == 0
    longest = max(report[verb]["longest_op_s"] for verb in ("calls", "notifications", "fanouts"))
    yield "longest operation, s", longest, longest <= TIMEOUT_SECONDS + SLACK_SECONDS
    yield "all that was sent has ended and arrived", report["settled"], report["settled"]


def latencies(report):
    for verb in ("calls", "notifications", "fanouts"):
        p99 = report[verb]["p99_ms"]
        yield f"p99 outside faults, {verb}, ms", p99, p99 < P99_MS


def flatness(samples):
    settled = [sample for sample in samples if sample.minute > SETTLED_AFTER]
    if len(settled) < 3:
        yield "memory, threads, descriptors", f"not judged before minute {SETTLED_AFTER + 3}", True
        return
    growth = slope([(sample.minute, sample.rss_kib) for sample in settled])
    yield "RSS slope, KiB/min", round(growth, 1), growth < RSS_KIB_PER_MINUTE
    for name in ("threads", "descriptors"):
        seen = [getattr(sample, name) for sample in settled]
        yield name, f"{min(seen)} to {max(seen)}", min(seen) == max(seen)


def slope(points):
    """Of the least squares' line."""
    x0 = sum(x for x, _ in points) / len(points)
    y0 = sum(y for _, y in points) / len(points)
    return sum((x - x0) * (y - y0) for x, y in points) / sum((x - x0) ** 2 for x, _ in points)


def flood(log_lines):
    """Lines that differ in numbers and ids only are one."""
    seen = collections.Counter((int(when // 60), re.sub(r"[0-9a-f]{32}|[0-9]+", "#", text)) for when, text in log_lines)
    (_, text), most = seen.most_common(1)[0] if seen else ((0, ""), 0)
    yield "most often in a minute of the log", f"{most} × {text[:160]}", most <= LOG_LINES_PER_MINUTE
