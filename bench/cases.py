# SPDX-License-Identifier: Apache-2.0
"""What a round of the benchmark runs: each kind of case, and the processes of one."""

import dataclasses
import json
import os
import pathlib
import subprocess

from beside import die_with_parent

PAYLOAD_BYTES = 200


@dataclasses.dataclass(frozen=True)
class Place:
    """A broker that runs. Of its processes, whose time is the broker's."""

    url: str
    pids: tuple


@dataclasses.dataclass(frozen=True)
class Case:
    """A client and its server over the broker, both new for each round."""

    broker: str
    name: str
    program: tuple
    role: str
    callers: int
    query: str = ""
    server: str = "server"  # its role

    def run(self, place, seconds):
        url = place.url + self.query
        with ServerProcess([*self.program, self.server, url]) as server:
            broker_before, server_before = cpu_seconds_of(*place.pids), server.cpu_seconds()
            figures = figures_of(self.program, self.role, url, self.callers, seconds)
            spent = {"client": figures["cpu_seconds"],
                     "server": server.cpu_seconds() - server_before,
                     "broker": cpu_seconds_of(*place.pids) - broker_before}
        return {self.name: figures | cpu_us_a_call(spent, figures)}


@dataclasses.dataclass(frozen=True)
class Alone:
    """A program that needs nobody but the broker: publishes, reads what it has published, connects."""

    broker: str
    name: str
    program: tuple
    role: str
    count: int  # how many at the same time; of those that read, how many there are
    query: str = ""

    def run(self, place, seconds):
        broker_before = cpu_seconds_of(*place.pids)
        figures = figures_of(self.program, self.role, place.url + self.query, self.count, seconds)
        spent = {"client": figures["cpu_seconds"], "broker": cpu_seconds_of(*place.pids) - broker_before}
        return {self.name: figures | cpu_us_a_call(spent, figures)}


@dataclasses.dataclass(frozen=True)
class Library:
    """How long a library takes to load, in a new process."""

    broker: str
    name: str
    program: tuple
    library: str

    def run(self, _place, seconds):
        return {self.name: figures_of(self.program, "load_library", self.library, 1, seconds)}


@dataclasses.dataclass(frozen=True)
class InOneProcess:
    """Calls over fake:// and their floor, a bare mutex and condition variable: one program runs them all."""

    broker: str
    name: str
    program: str

    def run(self, _place, seconds):
        lines = output_of([self.program, "--json", "1", str(seconds)]).splitlines()
        return {f"fake {figures['case']}, {figures['callers']} threads": figures
                for figures in map(json.loads, lines)}


def figures_of(program, role, url, count, seconds):
    return json.loads(output_of([*program, role, url, str(count), str(seconds), str(PAYLOAD_BYTES)]))


def cpu_us_a_call(spent, figures):
    return {f"{who}_cpu_us": cpu_seconds * 1e6 / figures["all_calls"] for who, cpu_seconds in spent.items()}


def cpu_seconds_of(*pids):
    ticks = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        user, system = int(fields[11]), int(fields[12])
        ticks += user + system
    return ticks / os.sysconf("SC_CLK_TCK")


def output_of(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"bench: {' '.join(command)} failed")
    return done.stdout


class ServerProcess:
    """A benchmark server, ready when entered, ended when left."""

    def __init__(self, command):
        self.command = command

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=die_with_parent)
        if self.process.stdout.readline() != "ready\n":
            self.__exit__()
            raise SystemExit(f"bench: {' '.join(self.command)} did not get ready")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def cpu_seconds(self):
        return cpu_seconds_of(self.process.pid)
