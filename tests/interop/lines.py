# SPDX-License-Identifier: Apache-2.0
"""What a server or a listener told, line by line, for a test that waits for it."""

import threading
import time

# A wait ends when what it waits for comes. This bound is for what never comes, on any machine.
PATIENCE_SECONDS = 120


class Lines:
    changed = threading.Condition()  # of all of them, so that a test can wait for any

    def __init__(self):
        self.lines = []

    def tell(self, line):
        with self.changed:
            self.lines.append(line)
            self.changed.notify_all()

    def speaks(self):
        """Whether more may come."""
        return True

    def failed(self, seen):
        return AssertionError(f"waited in vain; it told {seen[-20:]}")

    def wait_for(self, matches, count=1, among=None):
        """The first `count` lines that match; waits until they are there."""
        among = self.lines if among is None else among
        deadline = time.monotonic() + PATIENCE_SECONDS
        with self.changed:
            while len(found := [line for line in among if matches(line)]) < count:
                rest = deadline - time.monotonic()
                if rest <= 0 or not self.speaks():
                    raise self.failed(list(among))
                self.changed.wait(min(rest, 1))
        return found[:count]

    def count(self, matches):
        with self.changed:
            return sum(1 for line in self.lines if matches(line))
