# SPDX-License-Identifier: Apache-2.0
"""AMQP 0-9-1 as bytes, for a peer that may also put them together wrongly."""

import struct

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
FRAME_END = b"\xce"

# Of the methods that are seen or sent here.
START, START_OK, TUNE, TUNE_OK = (10, 10), (10, 11), (10, 30), (10, 31)
OPEN, OPEN_OK, CLOSE, CLOSE_OK, BLOCKED = (10, 40), (10, 41), (10, 50), (10, 51), (10, 60)
CHANNEL_OPEN, CHANNEL_OPEN_OK, CHANNEL_CLOSE, CHANNEL_CLOSE_OK = (20, 10), (20, 11), (20, 40), (20, 41)
EXCHANGE_DECLARE, EXCHANGE_DECLARE_OK = (40, 10), (40, 11)
QUEUE_DECLARE, QUEUE_DECLARE_OK, QUEUE_BIND, QUEUE_BIND_OK = (50, 10), (50, 11), (50, 20), (50, 21)
QUEUE_DELETE, QUEUE_DELETE_OK = (50, 40), (50, 41)
QOS, QOS_OK, CONSUME, CONSUME_OK, CANCEL = (60, 10), (60, 11), (60, 20), (60, 21), (60, 30)
PUBLISH, RETURN, DELIVER, ACK, NACK = (60, 40), (60, 50), (60, 60), (60, 80), (60, 120)
SELECT, SELECT_OK = (85, 10), (85, 11)


def frame(kind, channel, payload, end=FRAME_END):
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + end


def method(channel, ids, arguments=b""):
    return frame(METHOD, channel, struct.pack(">HH", *ids) + arguments)


def short(text):
    return struct.pack(">B", len(text)) + text


def long(text):
    return struct.pack(">I", len(text)) + text


def nested_tables(depth):
    """A table in a table in a table…"""
    inner = long(b"")
    for _ in range(depth):
        inner = long(b"\x00F" + inner)
    return inner


def nested_arrays(depth):
    """A table with an array in an array in an array…: five bytes a level."""
    levels = b"".join(b"A" + struct.pack(">I", 5 * (depth - 1 - i)) for i in range(depth))
    return long(b"\x00" + levels)


def start(channel=0, major=0, properties=long(b""), mechanisms=b"PLAIN AMQPLAIN"):
    return method(channel, START,
                  struct.pack(">BB", major, 9) + properties + long(mechanisms) + long(b"en_US"))


def tune(channels=2047, frame_max=131072, heartbeat=60):
    return method(0, TUNE, struct.pack(">HIH", channels, frame_max, heartbeat))


def close(code, text):
    return method(0, CLOSE, struct.pack(">H", code) + short(text) + struct.pack(">HH", 0, 0))


def channel_close(channel, code, text):
    return method(channel, CHANNEL_CLOSE, struct.pack(">H", code) + short(text) + struct.pack(">HH", 0, 0))


def ack(tag, multiple=0, ids=ACK):
    return method(1, ids, struct.pack(">QB", tag, multiple))


def deliver(consumer=b"1", tag=1):
    return method(1, DELIVER, short(consumer) + struct.pack(">QB", tag, 0) + short(b"x") + short(b"y"))


def returned():
    return method(1, RETURN, struct.pack(">H", 312) + short(b"NO_ROUTE") + short(b"x") + short(b"y"))


HEADERS_FLAG, CONTENT_TYPE_FLAG = 0x2000, 0x8000


def header(body_size, flags=0, properties=b"", class_id=60):
    return frame(HEADER, 1, struct.pack(">HHQH", class_id, 0, body_size, flags) + properties)


def body(data):
    return frame(BODY, 1, data)
