# SPDX-License-Identifier: Apache-2.0
"""librdkafka's mock cluster as a private broker, which fails as a test wants (gantry-dev-kafka --help)."""

import os
import pathlib
import re
import subprocess

from beside import BrokerError, die_with_parent

BUILT = pathlib.Path(__file__).parents[2] / "build/cli/gantry-dev-kafka"
PROGRAM = pathlib.Path(os.environ.get("GANTRY_DEV_KAFKA", BUILT))


def installed():
    return PROGRAM.exists()


class MockKafka:
    """A partition keeps the newest 5 MB and forgets the others."""

    def __init__(self, brokers=1, topics=()):
        self.arguments = ["--brokers", str(brokers)] + [word for topic in topics for word in ("--topic", topic)]
        self.url = self.process = None

    def __enter__(self):
        self.process = subprocess.Popen([str(PROGRAM), *self.arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            self.__exit__()
            raise BrokerError(f"{self.process.args} ended with {self.process.returncode}")
        return self

    def __exit__(self, *_):
        """At once: nothing in the broker outlives the run."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    @property
    def pids(self):
        return [self.process.pid]

    @property
    def ports(self):
        """Of each broker, in the order of their numbers, which begin with 1."""
        return [int(port) for port in re.findall(r":(\d+)", self.url)]

    def command(self, line):
        """Returns once it is done."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if answer != "ok":
            raise BrokerError(f"{line}: {answer or 'the broker has ended'}")
