#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Counts notifications, on both sides and through a kill: count_notifications.py [COUNT [KILLED]]

Runs beside a broker (tests/integration/rabbit_broker.py) with what counting.py needs. Prints for each run what
was sent, what each listener received, what is missing and what came twice:

  COUNT of Python's into a pool of two gantry listeners and a Python one: each exactly once in total
  COUNT of gantry's into a Python listener: each exactly once
    (both with every version of oslo.messaging there is)
  KILLED of gantry's into a pool of three gantry listeners, of which one is killed with SIGKILL in the middle:
  each at least once

Exit code 77: the peer is missing.
"""

import os
import signal
import sys

import kombu

from counting import EXIT_SKIPPED, Counting, exit_code, with_each_peer


def waiting_in(url, queue):
    with kombu.Connection(url.replace("rabbit://", "amqp://")) as connection, connection.channel() as channel:
        return channel.queue_declare(queue, passive=True).message_count


def end(counting, senders, left_in):
    wrong, twice = counting.end(senders)
    left = waiting_in(counting.url, left_in)
    print(f"  left over   {left}", flush=True)
    return wrong + ([f"{left} are left in {left_in}"] if left else []), twice


def exactly_once(counting, senders, left_in):
    counting.wait_until(lambda: counting.received() >= counting.count)
    wrong, twice = end(counting, senders, left_in)
    return wrong + ([f"{twice} came twice"] if twice else [])


def python_into_a_mixed_pool(url, count, peer):
    counting = Counting(f"{peer.version}'s, into a pool of two gantry listeners and a Python one", url, count,
                        peer.interpreter)
    counting.gantry("gantry 1", "--pool", counting.pool)
    counting.gantry("gantry 2", "--pool", counting.pool)
    counting.python("Python", "--pool", counting.pool)
    wrong = exactly_once(counting, counting.send_from_python(), counting.pool)
    return wrong + [f"{each.name} had no share" for each in counting.listeners if not each.lines]


def gantry_into_python(url, count, peer):
    counting = Counting(f"gantry's, into a listener of {peer.version}", url, count, peer.interpreter)
    counting.python("Python")
    return exactly_once(counting, counting.send_from_gantry(), counting.topic + ".info")


def killed_in_the_middle(url, count):
    counting = Counting("gantry's, into a pool of three gantry listeners, one killed in the middle", url, count)
    for name in ("gantry 1", "gantry 2", "killed"):
        counting.gantry(name, "--pool", counting.pool)
    senders = counting.send_from_gantry()
    counting.wait_until(lambda: counting.received() >= count // 3)
    code = counting.listeners[-1].kill()
    counting.wait_until(lambda: counting.received() >= count and not counting.missing())
    wrong, _ = end(counting, senders, counting.pool)
    return wrong if code == -signal.SIGKILL else wrong + [f"the one to be killed ended before, with {code}"]


def main(count="2000", killed="2000"):
    url = os.environ["GANTRY_TEST_RABBIT"]
    wrong = with_each_peer(lambda peer: python_into_a_mixed_pool(url, int(count), peer) +
                           gantry_into_python(url, int(count), peer))
    if wrong is None:
        return EXIT_SKIPPED
    return exit_code(wrong + killed_in_the_middle(url, int(killed)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
