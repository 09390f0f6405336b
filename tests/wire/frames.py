# SPDX-License-Identifier: Apache-2.0
"""AMQP 0-9-1 frames as the golden vectors write them: method and arguments by name, fields of tables with their types."""

import struct

PROTOCOL_HEADER = 8
METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
BASIC_CLASS = 60

# Arguments in order: s and S short and long texts, B H I Q unsigned integers, F a table, a name of bits for a
# run of flags, and `reserved` for what is left out.
METHODS = {
    (10, 11): ("connection.start-ok", "client_properties:F mechanism:s response:S locale:s"),
    (10, 31): ("connection.tune-ok", "channel_max:H frame_max:I heartbeat:H"),
    (10, 40): ("connection.open", "virtual_host:s"),
    (20, 10): ("channel.open", ""),
    (40, 10): ("exchange.declare", "reserved:H exchange:s type:s passive|durable|auto_delete|internal|nowait arguments:F"),
    (50, 10): ("queue.declare", "reserved:H queue:s passive|durable|exclusive|auto_delete|nowait arguments:F"),
    (50, 20): ("queue.bind", "reserved:H queue:s exchange:s routing_key:s nowait arguments:F"),
    (50, 40): ("queue.delete", "reserved:H queue:s if_unused|if_empty|nowait"),
    (60, 10): ("basic.qos", "prefetch_size:I prefetch_count:H global"),
    (60, 20): ("basic.consume",
               "reserved:H queue:s consumer_tag:s no_local|no_ack|exclusive|nowait arguments:F"),
    (60, 30): ("basic.cancel", "consumer_tag:s nowait"),
    (60, 40): ("basic.publish", "reserved:H exchange:s routing_key:s mandatory|immediate"),
    (60, 80): ("basic.ack", "delivery_tag:Q multiple"),
    (60, 90): ("basic.reject", "delivery_tag:Q requeue"),
    (85, 10): ("confirm.select", "nowait"),
}
PROPERTIES = (("content_type", "s"), ("content_encoding", "s"), ("headers", "F"), ("delivery_mode", "B"),
              ("priority", "B"), ("correlation_id", "s"), ("reply_to", "s"), ("expiration", "s"), ("message_id", "s"),
              ("timestamp", "Q"), ("type", "s"), ("user_id", "s"), ("app_id", "s"))
FIXED = {"B": ">B", "H": ">H", "I": ">I", "Q": ">Q"}
FIELDS = {"t": ">?", "b": ">b", "I": ">i", "l": ">q", "L": ">q"}


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def value(self, kind):
        if kind in FIXED:
            return self.number(FIXED[kind])
        if kind == "F":
            return self.table()
        text = self.take(self.number(">B" if kind == "s" else ">I"))
        return text.decode("utf-8", "surrogateescape")

    def table(self):
        inner = Reader(self.take(self.number(">I")))
        fields = {}
        while inner.at < len(inner.data):
            name = inner.value("s")
            kind = chr(inner.number(">B"))
            fields[name] = [kind, inner.number(FIELDS[kind]) if kind in FIELDS else inner.value(kind)]
        return fields


def decode_method(payload):
    """(name, arguments); the name is None where the vectors hold no such method."""
    name, form = METHODS.get(struct.unpack(">HH", payload[:4]), (None, ""))
    reader = Reader(payload[4:])
    arguments = {}
    for part in form.split():
        key, _, kind = part.partition(":")
        if kind:
            arguments[key] = reader.value(kind)
            continue
        bits = reader.number(">B")
        for position, flag in enumerate(key.split("|")):
            arguments[flag] = bool(bits >> position & 1)
    arguments.pop("reserved", None)
    return name, arguments


def decode_properties(payload):
    reader = Reader(payload)
    flags = reader.number(">H")
    return {name: reader.value(kind) for position, (name, kind) in enumerate(PROPERTIES) if flags >> 15 - position & 1}


class Decoder:
    """What one side of a connection writes, put together from its bytes."""

    def __init__(self):
        self.buffer = b""
        self.begun = False  # the protocol header was seen
        self.publish = None  # whose content is still to come
        self.heartbeats = 0

    def feed(self, data):
        """Yields each method as the vectors have it, a publish when it is complete."""
        self.buffer += data
        if not self.begun and len(self.buffer) >= PROTOCOL_HEADER:
            self.buffer, self.begun = self.buffer[PROTOCOL_HEADER:], True
        while self.begun and len(self.buffer) >= 7:
            kind, channel, size = struct.unpack(">BHI", self.buffer[:7])
            if len(self.buffer) < size + 8:
                return
            payload, self.buffer = self.buffer[7:7 + size], self.buffer[size + 8:]
            frame = self.frame(kind, channel, payload)
            if frame:
                yield frame

    def frame(self, kind, channel, payload):
        if kind == METHOD:
            name, arguments = decode_method(payload)
            frame = {"ch": channel, "method": name, "args": arguments}
            if name != "basic.publish":
                return frame if name else None
            self.publish = frame
        elif kind == HEADER:
            self.publish["size"] = struct.unpack(">Q", payload[4:12])[0]
            self.publish["props_hex"] = payload[12:].hex()
            self.publish["props"] = decode_properties(payload[12:])
            self.publish["body"], self.publish["body_frames"] = b"", []
        elif kind == BODY:
            self.publish["body"] += payload
            self.publish["body_frames"].append(len(payload))
        elif kind == HEARTBEAT:
            self.heartbeats += 1
        if self.publish and len(self.publish.get("body", b"")) == self.publish.get("size"):
            frame, self.publish = self.publish, None
            return frame
        return None
