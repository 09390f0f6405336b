# SPDX-License-Identifier: Apache-2.0
"""Golden vectors: what a file holds, and what its frames say was asked of the driver."""

import base64
import json
import os
import pathlib
import re
import zlib

FOLDER = pathlib.Path(os.environ["GANTRY_VECTORS"]) / "rabbit"
PRIORITIES = ("audit", "debug", "info", "warn", "error", "critical", "sample")
IDS = re.compile(r"[0-9a-f]{32}|host1:proc1:\d+")


def open_envelope(body):
    """The inner object of a body, whatever Python can read."""
    outer = json.loads(body)
    return json.loads(outer["oslo.message"]) if "oslo.message" in outer else outer


def body_of(frame):
    """The exact bytes of a publish; None where the vector leaves them out."""
    if "body" in frame:
        return frame["body"].encode()
    if "body_base64" in frame:
        return base64.b64decode(frame["body_base64"])
    if "body_head" in frame:  # of one long text of x
        filling = frame["body_size"] - len(frame["body_head"]) - len(frame["body_tail"])
        return (frame["body_head"] + "x" * filling + frame["body_tail"]).encode()
    return None


def plain(frame, body):
    """The body as it was before it was compressed."""
    compressed = body is not None and "compression" in frame["props"]["headers"]
    return zlib.decompress(body) if compressed else body


class Vector:
    def __init__(self, path):
        self.name = str(path.relative_to(FOLDER))[:-len(".json")]
        loaded = json.loads(path.read_text())
        self.options = loaded.get("url_query", "")
        if "kombu_compression" in self.options:
            self.options += "&accept_compressed=true"
        self.observed = loaded.get("observed") or {}
        self.frames = [f for f in loaded["frames"] if f["dir"] == "c2s"]
        for frame in self.frames:
            if frame["method"] == "basic.publish":
                same = frame.get("body_same_as_frame")
                frame["body_bytes"] = body_of(frame if same is None else loaded["frames"][same])
                body = plain(frame, frame["body_bytes"])
                frame["inner"] = open_envelope(body) if body else None

    @property
    def fresh(self):
        """It begins with nothing declared; else after a message of each kind."""
        return self.name.startswith("options") or any(f["method"] == "channel.open" for f in self.frames)

    @property
    def refused(self):
        return "exception" in self.observed

    def of(self, part, method):
        return [f["args"] for f in self.frames if f["from"].startswith(part + "#") and f["method"] == method]

    def publishes(self, *parts):
        return [f for f in self.frames if f["method"] == "basic.publish" and f["from"].split("#")[0] in parts]

    def served(self, part):
        """The target that a server of it listens on."""
        queues = [c["queue"] for c in self.of(part, "basic.consume")]
        if not queues:
            return {"exchange": "openstack", "topic": "vec" if part == "server" else "vecinner", "server": "srv1"}
        exchange = self.of(part, "exchange.declare")[0]["exchange"]
        return {"exchange": exchange, "topic": queues[0], "server": queues[1][len(queues[0]) + 1:]}

    def subscriptions(self, part):
        """(subscriptions, pool) of a listener of it."""
        bindings = self.of(part, "queue.bind")
        if not bindings:
            topics = {f["args"]["routing_key"].rpartition(".")[0] for f in self.publishes("notifier")}
            pool = "vecpool" if self.name == "notify/v2_pool" else ""
            bindings = [{"exchange": "openstack", "queue": pool or f"{topic}.{priority}",
                         "routing_key": f"{topic}.{priority}"} for topic in sorted(topics) for priority in PRIORITIES]
        subscriptions = []
        for binding in bindings:
            topic, _, priority = binding["routing_key"].rpartition(".")
            subscriptions.append({"exchange": binding["exchange"], "topic": topic, "priority": priority})
        pooled = bindings[0]["queue"] != bindings[0]["routing_key"]
        return subscriptions, bindings[0]["queue"] if pooled else ""


def vectors(*folders):
    return [Vector(path) for folder in folders for path in sorted((FOLDER / folder).glob("*.json"))]


def request_of(frame):
    """The command that makes the driver publish it: a call, or a cast."""
    exchange, key = frame["args"]["exchange"], frame["args"]["routing_key"]
    inner = frame["inner"] or {"method": "echo", "args": {}}
    command = {"body": {k: v for k, v in inner.items() if not k.startswith("_")},
               "context": {k[len("_context_"):]: v for k, v in inner.items() if k.startswith("_context_")}}
    if not key:
        return "cast", command | {"topic": exchange[:-len("_fanout")], "fanout": True}
    topic, _, server = key.partition(".")
    command |= {"exchange": exchange, "topic": topic, "server": server}
    if frame["args"]["mandatory"]:
        command["at_least_once"] = True
    if "expiration" not in frame["props"]:
        return "cast", command
    command["timeout_ms"] = int(frame["props"]["expiration"])
    if inner.get("_timeout"):
        command["monitor_ms"] = inner["_timeout"] * 1000
    return "call", command


def notification_of(frame):
    """The command of a notification."""
    inner = frame["inner"] or {"event_type": "e", "payload": {}}
    command = {"topic": frame["args"]["routing_key"], "exchange": frame["args"]["exchange"],
               "body": {k: v for k, v in inner.items() if not k.startswith("_")},
               "context": {k[len("_context_"):]: v for k, v in inner.items() if k.startswith("_context_")}}
    bare = frame["body_bytes"] is not None and b"oslo.message" not in plain(frame, frame["body_bytes"])
    return command | ({"v1": True} if bare else {})
