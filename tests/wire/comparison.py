# SPDX-License-Identifier: Apache-2.0
"""Recorded frames and the driver's, brought into one form: by part and purpose, modulo ids, with what was settled."""

import json
import re

import deviations
from vector import IDS, plain

SETTLING = ("basic.ack", "basic.reject")
NAME = re.compile(r"[^:]+:\d+:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Ids:
    """Each id by the number of its first appearance."""

    def __init__(self):
        self.numbers = {}

    def without(self, text):
        return IDS.sub(lambda match: f"<{self.numbers.setdefault(match[0], len(self.numbers) + 1)}>", text)


def purposes(frames, whole):
    """{(part, "send" or "receive"): frames}. A connection that published, in the whole story, is one to send by."""
    senders = {f["from"] for f in whole if f["method"] == "basic.publish"}
    split = {}
    for frame in frames:
        purpose = "send" if frame["from"] in senders else "receive"
        split.setdefault((frame["from"].split("#")[0], purpose), []).append(frame)
    return split


def settled(frames, connection):
    """What became of a connection's deliveries, one after the other; an ack may settle many."""
    ends, tags = [], set()
    for frame in frames:
        if frame["method"] not in SETTLING or frame["from"] != connection:
            continue
        args = frame["args"]
        tag = args["delivery_tag"]
        first = max(tags, default=0) + 1 if args.get("multiple") else tag
        new = set(range(first, tag + 1)) - tags
        ends += ["ack" if frame["method"] == "basic.ack" else f"reject requeue={args['requeue']}"] * len(new)
        tags |= new
    return ends


def login(args):
    """What a peer may rely on; what a client tells of itself beyond that is its own affair."""
    told = args["client_properties"]
    capabilities = told["capabilities"][1]
    needed = ("authentication_failure_close", "connection.blocked", "consumer_cancel_notify")
    return {"mechanism": args["mechanism"], "response": args["response"], "locale": args["locale"],
            "product": told["product"], "version": told["product_version"][0],
            "capabilities": {name: capabilities.get(name) for name in needed},
            "named": bool(NAME.fullmatch(told["connection_name"][1]))}


def unique_id(body):
    found = body and re.search(rb'_unique_id\\*": \\*"([0-9a-f]{32})', body)
    return found[1].decode() if found else None


def content(frame):
    """The properties and the body of a publish."""
    body = plain(frame, frame["body_bytes"])
    props = dict(frame["props"])
    if props.get("message_id") == unique_id(body) is not None:
        props["message_id"] = "the _unique_id"
    exact = {"hex": frame["props_hex"]} if not {"message_id", "expiration"} & props.keys() else {}
    return {"props": props, "body": body and body.decode("utf-8", "surrogateescape")} | exact


def in_one_form(frames, ids):
    """Lines to compare; frames have their publishes' bodies in body_bytes."""
    lines = []
    for frame in frames:
        if frame["method"] in SETTLING:
            continue
        args = login(frame["args"]) if frame["method"] == "connection.start-ok" else frame["args"]
        told = {"ch": frame["ch"]} | args | (content(frame) if frame["method"] == "basic.publish" else {})
        lines.append(frame["method"] + " " + ids.without(json.dumps(told, sort_keys=True)))
    return lines


def align(expected, actual):
    """What may differ by the moment and by what a vector left out: the virtual host, how much time is left of a call
    (which never grows), and bodies."""
    publishes = [[f for f in frames if f["method"] == "basic.publish"] for frames in (expected, actual)]
    for theirs, ours in zip(*publishes):
        if "expiration" in theirs["props"] and 0 < int(ours["props"].get("expiration", 0)) <= int(
                theirs["props"]["expiration"]):
            ours["props"]["expiration"] = theirs["props"]["expiration"]
        if theirs["body_bytes"] is None:
            if ours["props"].get("message_id") == unique_id(plain(ours, ours["body_bytes"])):
                ours["props"]["message_id"] = "the _unique_id"
            ours["body_bytes"] = None
    for frame in expected:
        if frame["method"] == "connection.open":
            frame["args"]["virtual_host"] = "/"


def all_settled(frames):
    return sum(len(settled(frames, name)) for name in {f["from"] for f in frames})


def settled_since(frames, mark, connection):
    return settled(frames, connection)[len(settled(frames[:mark], connection)):]


def connections(vector):
    return sorted({f["from"] for f in vector.frames if f["method"] in SETTLING})


def complete(vector, frames, mark):
    """Whether all was written that the vector has: what the driver does on its own time comes later."""
    def publishes(frames):
        return sum(f["method"] == "basic.publish" for f in frames)

    return publishes(frames[mark:]) >= publishes(vector.frames) and all(
        len(settled_since(frames, mark, name)) >= len(settled(vector.frames, name)) for name in connections(vector))


def covers(expected, method):
    """Whether the vector would have such a frame: many begin when the connection stands, some end there."""
    methods = {f["method"] for f in expected} - set(SETTLING)
    of_connection = ("connection.", "channel.")
    return method in methods or not (method.startswith(of_connection) or all(m.startswith(of_connection) for m in methods))


def compare(case, vector, recorded, mark):
    """Fails the case where the driver wrote anything else than the vector has, but for the deviations."""
    ours = purposes(recorded[mark:], recorded)
    ids, our_ids = Ids(), Ids()
    for extra in ours.keys() - purposes(vector.frames, vector.frames).keys():
        case.assertEqual([f for f in ours[extra] if covers([], f["method"])], [], extra)
    for (part, purpose), frames in purposes(vector.frames, vector.frames).items():
        actual = ours.get((part, purpose), [])
        for frame in actual:
            frame["body_bytes"] = frame.get("body")
        expected = deviations.apply(frames)
        align(expected, actual)
        actual = [f for f in actual if covers(expected, f["method"])]
        case.assertEqual(in_one_form(expected, ids), in_one_form(actual, our_ids), f"{part}, {purpose}")
    for name in connections(vector):
        case.assertEqual(settled(vector.frames, name), settled_since(recorded, mark, name), f"{name}: what it settled")
