# SPDX-License-Identifier: Apache-2.0
"""What passes on one connection in whole frames, and what each is: AMQP 0-9-1 and Kafka.

Each function returns how the two directions are split, that to the broker first.
"""

import struct

from amqp_bytes import METHOD

PROTOCOL_HEADER = 8  # bytes that AMQP begins with
PRODUCE = "Produce"
PRODUCE_KEY = 0  # the number of that request


def amqp():
    """A frame is named by its method, where it carries one."""
    return AmqpFrames(header=PROTOCOL_HEADER), AmqpFrames(header=0)


def kafka():
    """The answer to a Produce is named so; it carries its request's number alone."""
    produced = set()
    return KafkaRequests(produced), KafkaAnswers(produced)


class Frames:
    """Gathers what comes until a frame is whole."""

    def __init__(self):
        self.buffer = b""

    def split(self, data):
        """Yields (bytes, name) with whole frames; the name is None where nobody asks for it."""
        self.buffer += data
        at = 0
        while size := self._size(at):
            if len(self.buffer) < at + size:
                break
            frame = self.buffer[at:at + size]
            yield frame, self._name(frame)
            at += size
        self.buffer = self.buffer[at:]

    def _size(self, at):
        """Of the frame that begins there; 0: too little of it has come to tell."""
        raise NotImplementedError

    def _name(self, frame):
        raise NotImplementedError


class AmqpFrames(Frames):
    def __init__(self, header):
        super().__init__()
        self.header = header  # bytes before the first frame

    def split(self, data):
        if self.header:
            self.buffer += data
            if len(self.buffer) < self.header:
                return
            yield self.buffer[:self.header], None
            data, self.buffer, self.header = self.buffer[self.header:], b"", 0
        yield from super().split(data)

    def _size(self, at):
        return struct.unpack_from(">I", self.buffer, at + 3)[0] + 8 if len(self.buffer) >= at + 7 else 0

    def _name(self, frame):
        return struct.unpack_from(">HH", frame, 7) if frame[0] == METHOD else None


class KafkaFrames(Frames):
    def __init__(self, produced):
        super().__init__()
        self.produced = produced  # the numbers of those requests that are not answered

    def _size(self, at):
        return struct.unpack_from(">I", self.buffer, at)[0] + 4 if len(self.buffer) >= at + 4 else 0


class KafkaRequests(KafkaFrames):
    def _name(self, frame):
        key, _, number = struct.unpack_from(">hhi", frame, 4)
        if key == PRODUCE_KEY:
            self.produced.add(number)
        return None


class KafkaAnswers(KafkaFrames):
    def _name(self, frame):
        number, = struct.unpack_from(">i", frame, 4)
        if number not in self.produced:
            return None
        self.produced.remove(number)
        return PRODUCE
