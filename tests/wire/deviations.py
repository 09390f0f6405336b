# SPDX-License-Identifier: Apache-2.0
"""All in which the rabbit driver's frames differ from those of the golden vectors, and why (docs/decisions/0013).

Each function takes the expected frames of one purpose of one part, "send" or "receive", and returns what stands
there in Gantry's case.
"""

import copy

# Values of Python that no Value holds (docs/wire.md, Bodies): refused where they would be sent.
UNHOLDABLE = {"rpc/args_ints", "rpc/args_lone_surrogate", "rpc/args_nonfinite", "rpc/reply_bigint",
              "notify/v2_payload_types"}


def login(frames):
    """PLAIN with the same credentials for AMQPLAIN, which rabbitmq-c does not have (wire §2)."""
    for frame in frames:
        if frame["method"] == "connection.start-ok":
            frame["args"]["mechanism"] = "PLAIN"
            frame["args"]["response"] = "\0guest\0guest"
            frame["args"]["client_properties"]["product"][1] = "gantry"
    return frames


def limited(frames):
    """A listener is sent a limited number of messages ahead, where Python takes what there is (decision 0016)."""
    consumed = [f["args"]["queue"] for f in frames if f["method"] == "basic.consume"]
    if not consumed or consumed[0].startswith("reply_") or any(f["method"] == "basic.qos" for f in frames):
        return frames
    first = next(i for i, f in enumerate(frames) if not f["method"].startswith(("connection.", "channel.")))
    qos = {"ch": 1, "method": "basic.qos", "args": {"prefetch_size": 0, "prefetch_count": 1000, "global": False}}
    return frames[:first] + [qos] + frames[first:]


def confirms_at_once(frames):
    """confirm.select when a sending connection opens, not before its first publish."""
    selects = [f for f in frames if f["method"] == "confirm.select"]
    rest = [f for f in frames if f["method"] != "confirm.select"]
    first = next((i for i, f in enumerate(rest) if not f["method"].startswith(("connection.", "channel."))), len(rest))
    return rest[:first] + selects + rest[first:]


def declarations_apart(frames):
    """What a sender declares goes over channel 2: a refused declaration closes its channel, and with it would go
    the confirms of everything under way. The channel is opened for the first one."""
    sends = any(f["method"] == "basic.publish" for f in frames)
    if not sends:
        return frames
    result, opened = [], False
    for frame in frames:
        if frame["method"] in ("exchange.declare", "queue.declare", "queue.bind"):
            frame["ch"] = 2
            if not opened and any(f["method"] == "channel.open" for f in frames):
                result.append({"ch": 2, "method": "channel.open", "args": {}})
                opened = True
        result.append(frame)
    return result


def declared_once(frames):
    """A notifier declares its exchange with the queue, and not a second time."""
    result = []
    for frame in frames:
        again = frame["method"] == "exchange.declare" and result and result[-1]["method"] == "queue.bind"
        if not (again and any(f["method"] == "basic.publish" for f in frames)):
            result.append(frame)
    return result


def mandatory(frames):
    """Calls, casts and notifications are mandatory, so that what reaches no queue is told (reliability §4.2)."""
    for frame in frames:
        to_one = frame["method"] == "basic.publish" and frame["args"]["exchange"] and frame["args"]["routing_key"]
        frame["args"].update({"mandatory": True} if to_one else {})
    return frames


def message_ids(frames):
    """What is mandatory carries its _unique_id as message_id, by which a return is recognised."""
    for frame in frames:
        if frame["method"] == "basic.publish" and frame["args"]["mandatory"]:
            frame["props"]["message_id"] = "the _unique_id"
    return frames


def long_integers(frames):
    """64 bits are written `l`, as the broker itself writes them, where py-amqp writes `L`."""
    for frame in frames:
        for field in frame["args"].get("arguments", {}).values():
            if field[0] == "L":
                field[0] = "l"
    return frames


def streams_first(frames):
    """A stream is consumed from when it is declared, so that a fanout before the listener's start is not lost."""
    streams = [f for f in frames if f["method"] == "basic.consume" and "x-stream-offset" in f["args"]["arguments"]]
    first = next((i for i, f in enumerate(frames) if f["method"] == "basic.consume"), len(frames))
    return frames[:first] + streams + [f for f in frames[first:] if f not in streams]


def cancelled_not_moved(frames):
    """A consumer whose queue is deleted is cancelled, where the broker would move it to a new queue of that name and
    may deliver nothing (decision 0016). Only classic queues know that argument."""
    others = {f["args"]["queue"] for f in frames
              if f["method"] == "queue.declare" and "x-queue-type" in f["args"]["arguments"]}
    for frame in frames:
        if frame["method"] == "basic.consume" and frame["args"]["queue"] not in others:
            frame["args"]["arguments"]["x-cancel-on-ha-failover"] = ["t", True]
    return frames


def cancelled_first(frames):
    """A stop cancels the consumers before it deletes the fanout queue, so that nothing more is delivered."""
    result = []
    for frame in frames:
        if frame["method"] == "queue.delete":
            result += [{"ch": 1, "method": "basic.cancel", "args": {"consumer_tag": tag, "nowait": True}}
                       for tag in ("1", "2", "3")]
        result.append(frame)
    return result


ALL = (login, limited, confirms_at_once, declarations_apart, declared_once, mandatory, message_ids, long_integers, streams_first,
       cancelled_not_moved, cancelled_first)


def apply(frames):
    frames = copy.deepcopy(frames)
    for deviation in ALL:
        frames = deviation(frames)
    return frames
