# SPDX-License-Identifier: Apache-2.0
"""A client on nothing but bytes, for what no library would send."""

import socket
import struct

import amqp_bytes as amqp

CHANNEL = 1


class RawClient:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)

    def __enter__(self):
        self.socket.sendall(b"AMQP\x00\x00\x09\x01")
        self._await(amqp.START)
        self._say(0, amqp.START_OK, amqp.long(b"") + amqp.short(b"PLAIN") + amqp.long(b"\x00guest\x00guest") +
                  amqp.short(b"en_US"))
        self._await(amqp.TUNE)
        self._say(0, amqp.TUNE_OK, struct.pack(">HIH", 100, 131072, 0))
        self._say(0, amqp.OPEN, amqp.short(b"/") + amqp.short(b"") + b"\x00")
        self._await(amqp.OPEN_OK)
        self._say(CHANNEL, amqp.CHANNEL_OPEN, amqp.short(b""))
        self._await(amqp.CHANNEL_OPEN_OK)
        return self

    def __exit__(self, *_):
        self.socket.close()

    def publish(self, queue, body, flags, properties):
        """To the queue of this name, and not before the broker has it."""
        self._say(CHANNEL, amqp.SELECT, b"\x00")
        self._await(amqp.SELECT_OK)
        self._say(CHANNEL, amqp.PUBLISH, bytes(2) + amqp.short(b"") + amqp.short(queue.encode()) + b"\x00")
        self.socket.sendall(amqp.header(len(body), flags, properties) + amqp.body(body))
        self._await(amqp.ACK)

    def delete_queue(self, name):
        """Whatever is in it, and whoever reads it."""
        self._say(CHANNEL, amqp.QUEUE_DELETE, bytes(2) + amqp.short(name.encode()) + b"\x00")
        self._await(amqp.QUEUE_DELETE_OK)

    def _say(self, channel, ids, arguments):
        self.socket.sendall(amqp.method(channel, ids, arguments))

    def _await(self, ids):
        kind, payload = self._read_frame()
        got = struct.unpack(">HH", payload[:4])
        if kind != amqp.METHOD or got != ids:
            raise AssertionError(f"the broker answered {got} instead of {ids}: {payload[4:]}")

    def _read_frame(self):
        kind, _, size = struct.unpack(">BHI", self._read(7))
        return kind, self._read(size + 1)[:-1]

    def _read(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise AssertionError("the broker has closed the connection")
            data += more
        return data
