# SPDX-License-Identifier: Apache-2.0
"""Kafka's protocol as far as the tests of the brokers need it: who is there, and what they say of a topic."""

import dataclasses
import socket
import struct
import time

FIND_COORDINATOR, METADATA = 10, 3
CORRELATION = 7
PATIENCE_SECONDS = 120
ANSWER_SECONDS = 30  # of a node that runs, on any machine


class Reader:
    """Reads an answer from its beginning."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self, form):
        value, = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(form)
        return value

    def text(self):
        length = self.number("h")
        if length < 0:
            return None
        self.at += length
        return self.data[self.at - length:self.at].decode()

    def many(self, read):
        return [read() for _ in range(self.number("i"))]


@dataclasses.dataclass
class Partition:
    number: int
    leader: int
    replicas: list
    in_sync: list


@dataclasses.dataclass
class Topic:
    error: int
    name: str
    partitions: list

    @property
    def leaders(self):
        """The number of each partition's leading broker; -1: it has none."""
        return {each.number: each.leader for each in self.partitions}


@dataclasses.dataclass
class Coordinator:
    error: int
    broker: int  # its number


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


def receive(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionError("the broker closed the connection")
        data += piece
    return data


def ask(port, request, version, body, timeout=ANSWER_SECONDS):
    """One request on a connection of its own; OSError where no broker answers."""
    message = struct.pack(">hhi", request, version, CORRELATION) + text("gantry-tests") + body
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(struct.pack(">i", len(message)) + message)
        size, = struct.unpack(">i", receive(connection, 4))
        answer = Reader(receive(connection, size))
    if answer.number("i") != CORRELATION:
        raise ConnectionError("the answer is that of another request")
    return answer


def metadata(port, asked, timeout):
    """The brokers and the topics as this one knows them: ports by numbers, and Topics."""
    answer = ask(port, METADATA, 1, asked, timeout)
    known = dict(answer.many(lambda: _broker(answer)))
    answer.number("i")  # the controller
    return known, answer.many(lambda: _topic(answer))


def brokers(port, timeout=ANSWER_SECONDS):
    """The ports of the brokers that this one knows of, by their numbers."""
    no_topic = struct.pack(">i", 0)
    return metadata(port, no_topic, timeout)[0]


def topic(port, name, timeout=ANSWER_SECONDS):
    """What this broker says of a topic, which it may create for that."""
    return metadata(port, struct.pack(">i", 1) + text(name), timeout)[1][0]


def make_topic(port, name):
    """Returns once it is there and each of its partitions has a leader."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (leaders := topic(port, name).leaders) or min(leaders.values()) < 0:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the topic {name} has no leaders: {leaders}")
        time.sleep(0.05)


def topics(port, timeout=ANSWER_SECONDS):
    every_topic = struct.pack(">i", -1)
    return metadata(port, every_topic, timeout)[1]


def coordinator(port, group, timeout=ANSWER_SECONDS):
    """The broker that coordinates a group."""
    answer = ask(port, FIND_COORDINATOR, 0, text(group), timeout)
    return Coordinator(answer.number("h"), answer.number("i"))


def _broker(answer):
    number, _, port, _ = answer.number("i"), answer.text(), answer.number("i"), answer.text()
    return number, port


def _topic(answer):
    error, name, _ = answer.number("h"), answer.text(), answer.number("b")
    return Topic(error, name, answer.many(lambda: _partition(answer)))


def _partition(answer):
    _, number, leader = answer.number("h"), answer.number("i"), answer.number("i")
    replicas, in_sync = [answer.many(lambda: answer.number("i")) for _ in ("replicas", "in sync")]
    return Partition(number, leader, replicas, in_sync)
