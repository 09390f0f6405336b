#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A broker by its host's name: on a machine whose only link has IPv6 alone, and where nobody knows the name.

The machine is a network namespace of its own; exit code 77 where none may be made.
"""

import os
import socket
import subprocess
import sys
import time
import unittest

import kafka_broker
from command_case import UNREACHABLE, CommandCase

ALONE = ["unshare", "--map-root-user", "--net"]
INSIDE = "--inside"
ADDRESS_SECONDS = 10  # for the kernel to see that the address is nobody else's


def addresses_of_localhost():
    try:
        return socket.getaddrinfo("localhost", 9092, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except socket.gaierror:
        return []


def has_ipv4(addresses):
    return any(family == socket.AF_INET for family, *_ in addresses)


def link():
    """The loopback, and a link that has the address that it gives itself. False where the kernel has no such links."""
    for words in ("link set lo up", "link add near type veth peer name far", "link set near up", "link set far up"):
        if subprocess.run(["ip", *words.split()]).returncode != 0:
            return False
    deadline = time.monotonic() + ADDRESS_SECONDS
    while has_ipv4(addresses_of_localhost()):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


class Hosts(CommandCase):

    def test_localhost_is_found_beside_an_ipv6_link(self):
        with self.running("dev", "kafka") as broker:
            url = broker.stdout.readline().strip().replace("127.0.0.1", "localhost")
            self.gantry("notify", url, "--topic", "t", "n:=1", "--timeout", "30s")

    def test_a_name_that_nobody_knows_is_told(self):
        done = self.gantry("notify", "kafka://no-such-host.invalid/", "--topic", "t", "n:=1", "--timeout", "2s",
                           code=UNREACHABLE)
        self.assertIn("Failed to resolve 'no-such-host.invalid:9092'", done.stderr)


def main():
    if INSIDE in sys.argv:
        sys.argv.remove(INSIDE)
        if not link():
            return kafka_broker.skip("no namespace with a link that has an IPv6 address only can be made here")
        unittest.main()
    if subprocess.run([*ALONE, "true"]).returncode != 0:
        return kafka_broker.skip("no namespace of a network may be made here")
    return subprocess.run([*ALONE, sys.executable, __file__, INSIDE], env=os.environ).returncode


if __name__ == "__main__":
    sys.exit(main())
