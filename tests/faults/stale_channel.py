# SPDX-License-Identifier: Apache-2.0
"""A server whose channels go stale, as RabbitMQ's do with quorum queues: what comes over one that remembers a leader
that is gone is refused, and what waits for a majority is not confirmed, until the channel is another. It stores
nothing."""

import struct

import amqp_bytes as amqp
from lying_server import Liar, Lie, LyingServer, right_answer

MESSAGES = 1  # the channel that they come over


class StaleChannels(LyingServer):
    def __init__(self, refuses):
        """refuses: what its first channel brings; else it says nothing to that."""
        super().__init__(target_port=0)
        self.refuses = refuses
        self.lie = Lie("a stale channel", amqp.PUBLISH)

    def _connection(self, reader, writer):
        return StaleConnection(self, reader, writer)


class StaleConnection(Liar):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._channels = self._tag = 0

    async def _answer(self, point, channel, answer):
        if channel == MESSAGES and point == amqp.CHANNEL_OPEN:
            self._channels, self._tag = self._channels + 1, 0
        if point == amqp.PUBLISH:
            self._tag += 1
            answer = self._word_on(self._tag)
        self.writer.write(answer)
        await self.writer.drain()

    def _word_on(self, tag):
        if self._channels > 1:
            return amqp.ack(tag)
        return amqp.ack(tag, ids=amqp.NACK) if self.proxy.refuses else b""
