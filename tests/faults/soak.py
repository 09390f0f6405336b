#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A long load with a random fault every minute: soak.py [MINUTES [SEED]]

Calls, notifications and fanouts through the rabbit driver, behind a proxy, on a broker of its own. Prints a line a
minute and at the end whether everything held: nothing lost, nothing twice, no error without a type, no operation
beyond its deadline, latency where no fault is, memory, threads and descriptors flat, and no flood in the log.
"""

import pathlib
import random
import sys
import time

from faulty_broker import FaultyBroker, rabbit_broker
from load import SoakLoad
from soak_verdict import Sample, verdict
from tcp_proxy import Proxy

EXIT_SKIPPED = 77
MINUTE = 60
# Connections that a fault made necessary go before the minute ends, so that its sample shows what stays.
QUERY = "?conn_pool_ttl=10&conn_pool_min_size=0"
VERBS = ("calls", "notifications", "fanouts")


class Faults:
    """What may break, by its number in the fault plan."""

    def __init__(self, broker, proxy):
        self.broker, self.proxy = broker, proxy
        self.all = {
            "R3 connections closed": self.close_connections,
            "R4 reply queue deleted": self.delete_reply_queue,
            "R5 server's queue deleted": self.delete_servers_queue,
            "R7 broker stopped 3 s": self.stop_broker,
            "R12 line stalled 5 s": self.stall_line,
            "R16 connections reset": self.proxy.cut,
        }

    def close_connections(self):
        self.broker.ctl("close_all_connections", "soak")

    def delete_reply_queue(self):
        queues = [line.split() for line in self.broker.ctl("list_queues", "name", "consumers").splitlines()]
        for name, consumers in queues:
            if name.startswith("reply_") and consumers != "0":
                self.broker.delete_queue(name)

    def delete_servers_queue(self):
        self.broker.delete_queue("soak")

    def stop_broker(self):
        self.broker.pause()
        time.sleep(3)
        self.broker.resume()

    def stall_line(self):
        self.proxy.stall()
        time.sleep(5)
        self.proxy.flow()


def sample(load, minute, so_far):
    process = pathlib.Path(f"/proc/{load.pid}")
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    return Sample(minute=minute,
                  rss_kib=int(status["VmRSS"].split()[0]),
                  threads=int(status["Threads"]),
                  descriptors=len(list((process / "fd").iterdir())),
                  p99_ms={verb: so_far[verb]["p99_ms"] for verb in VERBS})


def line(sample, fault, so_far):
    counts = " ".join(f"{verb} {so_far[verb]['accepted']}/{so_far[verb]['attempted']}" for verb in VERBS)
    slowest = max(sample.p99_ms.values())
    return (f"{sample.minute:3} min  {fault:26} {counts}  p99 {slowest:5.1f} ms  "
            f"{sample.rss_kib / 1024:6.1f} MiB  {sample.threads} threads  {sample.descriptors} fds")


def processor_time():
    """(idle, altogether), of all processors since they were started."""
    times = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return times[3] + times[4], sum(times)


def sleep_until(when):
    time.sleep(max(0, when - time.monotonic()))


def run(minutes, seed):
    chance = random.Random(seed)
    with FaultyBroker() as broker, Proxy(broker.port) as proxy:
        faults = Faults(broker, proxy)
        with SoakLoad(server_url=proxy.url + QUERY, seconds=minutes * MINUTE) as load:
            began = time.monotonic()
            spent = processor_time()
            samples = []
            for minute in range(minutes):
                fault = chance.choice(list(faults.all))
                sleep_until(began + minute * MINUTE + chance.uniform(10, 30))
                load.fault()
                faults.all[fault]()
                load.healed()
                sleep_until(began + (minute + 1) * MINUTE - 1)
                so_far = load.so_far()
                samples.append(sample(load, minute + 1, so_far))
                print(line(samples[-1], fault, so_far), flush=True)
            report = load.result()
            closed = load.closed()
            idle, total = (now - then for now, then in zip(processor_time(), spent, strict=True))
            return verdict(report, samples, load.log_lines, closed, idle / total)


def main(minutes="30", seed=None):
    if not rabbit_broker.installed():
        print("SKIPPED: RabbitMQ is not installed", file=sys.stderr)
        return EXIT_SKIPPED
    seed = int(seed) if seed else random.randrange(10**6)
    print(f"soak: {minutes} minutes, seed {seed}", flush=True)
    return 0 if run(int(minutes), seed) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
