#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""R22: the limits of the machine: no descriptor left, no room on the broker's disk, a clock that jumps."""

import contextlib
import pathlib
import resource
import tempfile
import time
import unittest

from fault_case import VERBS, main, size
from proxy_case import ProxyCase

FAKETIME = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


@contextlib.contextmanager
def no_descriptors(pid):
    """Those that are open stay; not another one can be opened."""
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, before[1]))
    yield
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


class Limits(ProxyCase):
    def test_R22_no_descriptor_for_another_connection(self):
        for verb in VERBS:
            with self.subTest(verb), self.load(verb, count=200, threads=4, pace_ms=50, timeout_ms=2000,
                                               hold_at=180) as load:
                load.wait_sent(20)
                with no_descriptors(load.pid):
                    self.proxy.cut()
                    load.wait_sent(40)
                load.healed()
                load.go_on()
                self.recovered(self.holds(load, 2), 1)

    def test_R22_no_descriptor_from_the_beginning(self):
        for verb in VERBS:
            with self.subTest(verb), self.load(verb, count=200, threads=4, pace_ms=50, timeout_ms=2000, wait=1,
                                               hold_at=180) as load:
                with no_descriptors(load.pid):
                    load.go()
                    load.wait_sent(20)
                load.healed()
                load.go_on()
                self.recovered(self.holds(load, 2), 1)

    def test_R22_the_brokers_disk_is_full(self):
        timeout = 2
        with self.load("cast", count=200, pace_ms=100, threads=4, client_url=self.broker.url,
                       timeout_ms=timeout * 1000, hold_at=140) as load:
            load.wait_sent(20)
            with self.broker.disk_alarm():
                load.go_on()
                time.sleep(size(4, 15))
            load.healed()
            report = self.holds(load, timeout)
            self.recovered(report, 0.5)
            self.assertIn("MessagingTimeout(the broker blocks publishers)", report["errors"])

    @unittest.skipUnless(FAKETIME, "libfaketime is not installed")
    def test_R22_the_clock_jumps(self):
        """An hour ahead and two back: deadlines are of another clock."""
        with tempfile.NamedTemporaryFile("w+", suffix=".time") as clock:
            def jump(offset):
                clock.seek(0)
                clock.write(f"{offset}\n")
                clock.truncate()
                clock.flush()
            jump("+0")
            with self.load("call", count=size(200, 1000), threads=4, pace_ms=50, timeout_ms=5000,
                           ld_preload=FAKETIME, faketime_timestamp_file=clock.name, faketime_no_cache=1,
                           faketime_dont_fake_monotonic=1) as load:
                load.wait_sent(40)
                jump("+3600")
                load.wait_sent(100)
                jump("-3600")
                load.healed()
                report = self.holds(load, 5)
                self.assertEqual(report["accepted"], report["attempted"])


if __name__ == "__main__":
    main()
