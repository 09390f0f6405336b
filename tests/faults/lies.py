# SPDX-License-Identifier: Apache-2.0
"""The lies that a server can tell, from the first byte to the last."""

import random
import struct

import amqp_bytes as amqp
from lying_server import Lie

GARBAGE = random.Random(17).randbytes(4096)


def says(data):
    """The same whatever was asked."""
    return lambda channel, answer: data


def adds(data):
    """The right answer, and then more."""
    return lambda channel, answer: answer + data


def half(channel, answer):
    return answer[:len(answer) // 2]


def wrong_end(channel, answer):
    return answer[:-1] + b"\x00"


def sized(size):
    """A frame that claims to be of this size."""
    return struct.pack(">BHI", amqp.METHOD, 0, size) + bytes(64)


SILENT, ENDS, RESETS, DRIPS = "is silent", "ends", "resets", "drips"
A_TABLE, NEGATIVE = b"\x01aF", b"\xff\xff\xff\xff"

LOGGING_IN = [
    Lie("ends at once", "accept", then=ENDS),
    Lie("resets at once", "accept", then=RESETS),
    Lie("is silent from the beginning", "accept", then=SILENT),
    Lie("speaks before it is asked", "accept", says(amqp.tune())),
    Lie("speaks another version of the protocol", "header", says(b"AMQP\x00\x01\x00\x00"), ENDS),
    Lie("speaks HTTP", "header", says(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), SILENT),
    Lie("speaks no language at all", "header", says(GARBAGE), SILENT),
    Lie("a frame of an unknown type", "header", says(amqp.frame(9, 0, bytes(64))), SILENT),
    Lie("a frame without its end byte", "header", wrong_end, SILENT),
    Lie("half a frame, then silence", "header", half, SILENT),
    Lie("half a frame, then the end", "header", half, ENDS),
    Lie("a byte now and then", "header", then=DRIPS),
    Lie("a frame of 4 GiB", "header", says(sized(0xFFFFFFFF)), SILENT),
    Lie("a frame of 2 GiB", "header", says(sized(0x7FFFFFFF)), SILENT),
    Lie("an empty method frame", "header", says(amqp.frame(amqp.METHOD, 0, b"")), SILENT),
    Lie("no mechanism that is known", "header", says(amqp.start(mechanisms=b"GSSAPI EXTERNAL")), SILENT),
    Lie("a start of protocol 1", "header", says(amqp.start(major=1)), SILENT),
    Lie("a start on channel 7", "header", says(amqp.start(channel=7)), SILENT),
    Lie("a table of negative size", "header", says(amqp.start(properties=NEGATIVE)), SILENT),
    Lie("a table longer than its frame", "header", says(amqp.start(properties=struct.pack(">I", 5000))), SILENT),
    Lie("an entry of an unknown type", "header", says(amqp.start(properties=amqp.long(b"\x01a?1234"))), SILENT),
    Lie("an array of negative size", "header", says(amqp.start(properties=amqp.long(b"\x01aA" + NEGATIVE))), SILENT),
    Lie("tables nested 4,000 deep", "header", says(amqp.start(properties=amqp.nested_tables(4000)))),
    Lie("tune before start", "header", says(amqp.tune()), SILENT),
    Lie("silence after the login", amqp.START_OK, then=SILENT, says=says(b"")),
    Lie("an end after the login", amqp.START_OK, then=ENDS, says=says(b"")),
    Lie("a refused login", amqp.START_OK, says(amqp.close(403, b"ACCESS_REFUSED"))),
    Lie("open-ok instead of tune", amqp.START_OK, says(amqp.method(0, amqp.OPEN_OK, b"\x00")), SILENT),
    Lie("frames of at most one byte", amqp.START_OK, says(amqp.tune(frame_max=1))),
    Lie("frames of any size", amqp.START_OK, says(amqp.tune(frame_max=0xFFFFFFFF))),
    Lie("no limit at all", amqp.START_OK, says(amqp.tune(channels=0, frame_max=0, heartbeat=0))),
    Lie("a single channel", amqp.START_OK, says(amqp.tune(channels=1))),
    Lie("heartbeats that do not come", amqp.START_OK, says(amqp.tune(heartbeat=1))),
    Lie("silence about the virtual host", amqp.OPEN, then=SILENT, says=says(b"")),
    Lie("a virtual host that is none", amqp.OPEN, says(amqp.close(530, b"NOT_ALLOWED"))),
    Lie("a broker that shuts down", amqp.OPEN, says(amqp.close(320, b"CONNECTION_FORCED"))),
]

SETTING_UP = [
    Lie("silence about a channel", amqp.CHANNEL_OPEN, then=SILENT, says=says(b"")),
    Lie("another channel than was asked for", amqp.CHANNEL_OPEN,
        says(amqp.method(9, amqp.CHANNEL_OPEN_OK, amqp.long(b""))), SILENT),
    Lie("a channel that is closed at once", amqp.CHANNEL_OPEN,
        lambda channel, answer: amqp.channel_close(channel, 504, b"CHANNEL_ERROR")),
    Lie("an answer to another question", amqp.EXCHANGE_DECLARE,
        lambda channel, answer: amqp.method(channel, amqp.QUEUE_BIND_OK)),
    Lie("an exchange that is never there", amqp.EXCHANGE_DECLARE,
        lambda channel, answer: amqp.channel_close(channel, 404, b"NOT_FOUND - no exchange")),
    Lie("an exchange of another kind", amqp.EXCHANGE_DECLARE,
        lambda channel, answer: amqp.channel_close(channel, 406, b"PRECONDITION_FAILED - inequivalent arg")),
    Lie("half an answer, then silence", amqp.EXCHANGE_DECLARE, half, SILENT),
    Lie("an answer without its arguments", amqp.QUEUE_DECLARE,
        lambda channel, answer: amqp.method(channel, amqp.QUEUE_DECLARE_OK)),
    Lie("an internal error", amqp.QUEUE_DECLARE, says(amqp.close(541, b"INTERNAL_ERROR"))),
    Lie("no confirms", amqp.SELECT, says(amqp.close(540, b"NOT_IMPLEMENTED"))),
    Lie("two answers", amqp.SELECT, lambda channel, answer: answer + answer),
]

DELIVERING = [
    Lie("a body of 2^60 bytes", amqp.CONSUME, adds(amqp.deliver() + amqp.header(1 << 60) + amqp.body(b"{}"))),
    Lie("a body of 4 GiB", amqp.CONSUME, adds(amqp.deliver() + amqp.header(1 << 32) + amqp.body(b"{}"))),
    Lie("a body longer than announced", amqp.CONSUME, adds(amqp.deliver() + amqp.header(2) + amqp.body(b"{    }"))),
    Lie("a body without a header", amqp.CONSUME, adds(amqp.deliver() + amqp.body(b"{}"))),
    Lie("a header without a delivery", amqp.CONSUME, adds(amqp.header(2))),
    Lie("a body without a delivery", amqp.CONSUME, adds(amqp.body(b"{}"))),
    Lie("two headers", amqp.CONSUME, adds(amqp.deliver() + amqp.header(2) + amqp.header(2))),
    Lie("a delivery within a delivery", amqp.CONSUME, adds(amqp.deliver() + amqp.header(2) + amqp.deliver(tag=2))),
    Lie("a header of an unknown class", amqp.CONSUME, adds(amqp.deliver() + amqp.header(2, class_id=70))),
    Lie("properties that are cut off", amqp.CONSUME, adds(amqp.deliver() + amqp.header(2, 0xFFFC))),
    Lie("headers of negative size", amqp.CONSUME,
        adds(amqp.deliver() + amqp.header(2, amqp.HEADERS_FLAG, NEGATIVE) + amqp.body(b"{}"))),
    Lie("headers nested 20,000 deep", amqp.CONSUME,
        adds(amqp.deliver() + amqp.header(2, amqp.HEADERS_FLAG, amqp.nested_arrays(20_000)) + amqp.body(b"{}"))),
    Lie("a delivery for a consumer that is none", amqp.CONSUME,
        adds(amqp.deliver(b"nobody") + amqp.header(2) + amqp.body(b"{}"))),
    Lie("a delivery without a tag", amqp.CONSUME, adds(amqp.deliver(tag=0) + amqp.header(2) + amqp.body(b"{}"))),
    Lie("an empty message", amqp.CONSUME, adds(amqp.deliver() + amqp.header(0))),
    Lie("an end within a message", amqp.CONSUME, adds(amqp.deliver() + amqp.header(2)), ENDS),
    Lie("a frame longer than was agreed", amqp.CONSUME,
        adds(amqp.deliver() + amqp.header(400_000) + amqp.body(bytes(400_000)))),
    Lie("a consumer that is cancelled at once", amqp.CONSUME, adds(amqp.method(1, amqp.CANCEL, b"\x011\x01"))),
    Lie("a cancel of a consumer that is none", amqp.CONSUME, adds(amqp.method(1, amqp.CANCEL, b"\x01x\x01"))),
    Lie("a heartbeat that has a body", amqp.CONSUME, adds(amqp.frame(amqp.HEARTBEAT, 5, bytes(9)))),
    Lie("a method of an unknown class", amqp.CONSUME, adds(amqp.method(1, (77, 10)))),
    Lie("an unknown method", amqp.CONSUME, adds(amqp.method(1, (60, 999)))),
]

CONFIRMING = [
    Lie("confirms of nothing", amqp.SELECT, adds(amqp.ack(0, 1) + amqp.ack(99) + amqp.ack(1 << 63, 1))),
    Lie("confirms of what was never sent", amqp.PUBLISH, says(amqp.ack(1_000_000, 1) + amqp.ack(0, 1))),
    Lie("refusals of what was never sent", amqp.PUBLISH, says(amqp.ack(1_000_000, 1, amqp.NACK))),
    Lie("a refusal of all", amqp.PUBLISH, says(amqp.ack(1, 0, amqp.NACK))),
    Lie("a return without its message", amqp.PUBLISH, says(amqp.returned() + amqp.ack(5))),
    Lie("a return of another message", amqp.PUBLISH, says(amqp.returned() + amqp.header(2) + amqp.body(b"{}"))),
    Lie("a channel that is closed at each message", amqp.PUBLISH,
        says(amqp.channel_close(1, 404, b"NOT_FOUND - no exchange 'x'"))),
    Lie("the end of a channel that was never opened", amqp.PUBLISH, says(amqp.channel_close(77, 504, b"CHANNEL_ERROR"))),
    Lie("the end of channel 0", amqp.PUBLISH, says(amqp.channel_close(0, 504, b"CHANNEL_ERROR"))),
    Lie("a connection that is closed twice", amqp.PUBLISH, says(2 * amqp.close(320, b"CONNECTION_FORCED"))),
    Lie("farewells that nobody asked for", amqp.PUBLISH,
        says(amqp.method(1, amqp.CHANNEL_CLOSE_OK) + amqp.method(0, amqp.CLOSE_OK))),
    Lie("an alarm that does not end", amqp.PUBLISH, says(amqp.method(0, amqp.BLOCKED, amqp.short(b"for ever")))),
    Lie("no language at all any more", amqp.PUBLISH, says(GARBAGE), SILENT),
    Lie("a reset at each message", amqp.PUBLISH, says(b""), RESETS),
]

ALL = LOGGING_IN + SETTING_UP + DELIVERING + CONFIRMING
