# SPDX-License-Identifier: Apache-2.0
"""Medians over the rounds, ratios, and the tables of both."""

import statistics

from suites import COMPARISONS

COLUMNS = ["calls_per_second", "p50_us", "p99_us", "max_us", "mean_us",
           "client_cpu_us", "server_cpu_us", "broker_cpu_us"]


def medians(rounds):
    """Per column; and how far the farthest round is from the median rate, as a share of it."""
    figures = {column: statistics.median(r[column] for r in rounds) for column in COLUMNS if column in rounds[0]}
    rate = figures["calls_per_second"]
    figures["spread"] = max(abs(r["calls_per_second"] - rate) for r in rounds) / rate
    return figures


def ratios(results):
    for ours, floor, peer in COMPARISONS:
        if ours in results and floor in results:
            yield {"case": ours, **ratio("floor", results[ours], results[floor]),
                   **(ratio("oslo", results[ours], results[peer]) if peer in results else {})}


def ratio(to, ours, theirs):
    shown = {f"rate_to_{to}": ours["calls_per_second"] / theirs["calls_per_second"]}
    if "p50_us" in ours:
        shown[f"p50_to_{to}"] = ours["p50_us"] / theirs["p50_us"]
    if "client_cpu_us" in ours and "client_cpu_us" in theirs:
        shown[f"cpu_to_{to}"] = processes_cpu_us(ours) / processes_cpu_us(theirs)
    return shown


def processes_cpu_us(figures):
    return figures["client_cpu_us"] + figures.get("server_cpu_us", 0)


def cell(figures, column, form):
    width = int(form.partition(".")[0].rstrip(","))
    return f"{figures[column]:{form}f}" if column in figures else f"{'-':>{width}}"


def print_table(first, columns, rows):
    """`columns`: what a row calls it, the heading, the form of the number."""
    print(f"\n{first:28}" + "".join(f"{heading:>12}" for _, heading, _ in columns))
    for name, figures in rows:
        print(f"{name:28}" + "".join(cell(figures, column, form) for column, _, form in columns))


def print_tables(results, comparisons):
    print_table("", [
        ("calls_per_second", "calls/s", "12,.0"), ("p50_us", "p50 us", "12,.1"), ("p99_us", "p99 us", "12,.1"),
        ("client_cpu_us", "client CPU", "12.1"), ("server_cpu_us", "server CPU", "12.1"),
        ("broker_cpu_us", "broker CPU", "12.1"), ("spread", "spread", "12.2"),
    ], results.items())
    print("CPU: us a call. spread: of the round farthest from the median.")
    print_openings(results)
    print_table("ratio of", [
        ("rate_to_floor", "rate/floor", "12.2"), ("p50_to_floor", "p50/floor", "12.2"),
        ("cpu_to_floor", "CPU/floor", "12.2"), ("rate_to_oslo", "rate/oslo", "12.1"),
        ("p50_to_oslo", "p50/oslo", "12.3"), ("cpu_to_oslo", "CPU/oslo", "12.3"),
    ], [(row["case"], row) for row in comparisons])
    print("floor: rabbitmq-c or librdkafka alone; for fake, a mutex and a condition variable. CPU: client and server.")


def print_openings(results):
    rows = [(name, figures) for name, figures in results.items() if name.endswith((" first", " load"))]
    if rows:
        print_table("opening", [
            ("p50_us", "p50 us", "12,.0"), ("p99_us", "p99 us", "12,.0"), ("max_us", "max us", "12,.0"),
            ("mean_us", "mean us", "12,.0"),
        ], rows)
        print("first: the first message of a new transport. load: a new process, until the transport is open.")
