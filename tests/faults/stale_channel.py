# SPDX-License-Identifier: Apache-2.0
"""A server whose channels remember a leader that is gone, as RabbitMQ's do with quorum queues: what comes over a
channel is refused until the channel is another. It stores nothing."""

import struct

import amqp_bytes as amqp
from lying_server import Liar, Lie, LyingServer, right_answer

MESSAGES = 1  # the channel that they come over


class StaleChannels(LyingServer):
    def __init__(self):
        super().__init__(target_port=0)
        self.lie = Lie("refuses what its first channel brings", amqp.PUBLISH)

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
            answer = amqp.ack(self._tag, ids=amqp.NACK if self._channels == 1 else amqp.ACK)
        self.writer.write(answer)
        await self.writer.drain()
