# SPDX-License-Identifier: Apache-2.0
"""A server that speaks AMQP rightly up to a point, and there tells a lie; with none to tell it passes all on
to the right broker, as any proxy."""

import asyncio
import struct
import threading
from dataclasses import dataclass
from typing import Callable

import amqp_bytes as amqp
from frames import PROTOCOL_HEADER
from tcp_proxy import Connection, Proxy


def honest(_, answer):
    return answer


@dataclass(frozen=True)
class Lie:
    name: str
    at: tuple | str  # the method that is answered by it; "accept" or "header": before any
    says: Callable = honest  # of the channel and the right answer: what is said instead
    then: str = "goes on"  # or "is silent", "ends", "resets", "drips" (says it byte by byte)


class LyingServer(Proxy):
    def __init__(self, target_port):
        super().__init__(target_port)
        self.lie = None
        self._told = 0
        self._telling = threading.Condition()

    def start_lying(self, lie):
        self.lie = lie
        self.cut()

    def stop_lying(self):
        self.lie = None
        self.cut()

    def wait_told(self, times, seconds):
        """False: it was not asked so often."""
        with self._telling:
            return self._telling.wait_for(lambda: self._told >= times, seconds)

    def told(self):
        with self._telling:
            self._told += 1
            self._telling.notify_all()

    def _connection(self, reader, writer):
        return Liar(self, reader, writer) if self.lie else super()._connection(reader, writer)


class Liar(Connection):
    """One connection, on which what is published is never confirmed: nothing is stored here."""

    async def run(self):
        self.lie = self.proxy.lie
        try:
            await self._serve()
        except (OSError, asyncio.IncompleteReadError, RuntimeError):
            pass
        self.reset()

    async def _serve(self):
        await self._answer("accept", 0, b"")
        await self.reader.readexactly(PROTOCOL_HEADER)
        await self._answer("header", 0, amqp.start())
        while True:
            kind, channel, size = struct.unpack(">BHI", await self.reader.readexactly(7))
            payload = (await self.reader.readexactly(size + 1))[:-1]
            if kind == amqp.METHOD:
                ids = struct.unpack(">HH", payload[:4])
                await self._answer(ids, channel, right_answer(ids, channel, payload[4:]))

    async def _answer(self, point, channel, answer):
        if self.lie.at != point:
            self.writer.write(answer)
            return await self.writer.drain()
        if self.lie.then == "drips":
            await self._drip(self.lie.says(channel, answer))
        self.writer.write(self.lie.says(channel, answer))
        await self.writer.drain()
        self.proxy.told()
        await self._after()

    async def _after(self):
        if self.lie.then == "is silent":
            while await self.reader.read(65536):
                pass
        if self.lie.then == "resets":
            self.reset()
        if self.lie.then == "ends":
            self.writer.close()
        if self.lie.then != "goes on":
            raise RuntimeError("it has said what it had to say")

    async def _drip(self, data):
        self.proxy.told()
        for byte in data:
            self.writer.write(bytes([byte]))
            await self.writer.drain()
            await asyncio.sleep(0.2)


def right_answer(ids, channel, arguments):
    plain = {amqp.CHANNEL_OPEN: (amqp.CHANNEL_OPEN_OK, amqp.long(b"")),
             amqp.CHANNEL_CLOSE: (amqp.CHANNEL_CLOSE_OK, b""),
             amqp.EXCHANGE_DECLARE: (amqp.EXCHANGE_DECLARE_OK, b""),
             amqp.QUEUE_BIND: (amqp.QUEUE_BIND_OK, b""),
             amqp.QOS: (amqp.QOS_OK, b""),
             amqp.SELECT: (amqp.SELECT_OK, b""),
             amqp.OPEN: (amqp.OPEN_OK, amqp.short(b"")),
             amqp.CLOSE: (amqp.CLOSE_OK, b"")}
    if ids in plain:
        return amqp.method(channel, *plain[ids])
    if ids == amqp.START_OK:
        return amqp.tune()
    if ids == amqp.QUEUE_DECLARE:
        return amqp.method(channel, amqp.QUEUE_DECLARE_OK, text_at(arguments, 2) + bytes(8))
    if ids == amqp.CONSUME:
        queue = text_at(arguments, 2)
        return amqp.method(channel, amqp.CONSUME_OK, text_at(arguments, 2 + len(queue)))
    return b""  # tune-ok, a publish, acknowledgements


def text_at(arguments, begin):
    """A short string with its length byte."""
    return arguments[begin:begin + 1 + arguments[begin]]
