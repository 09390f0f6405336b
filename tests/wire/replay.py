# SPDX-License-Identifier: Apache-2.0
"""A golden vector played on the rabbit driver: each of its frames says what the part that wrote it was asked to do."""

import json

from comparison import all_settled
from tap import Tap
from vector import notification_of, request_of

NOTE = {"method": "note", "args": {}}


class Replay:
    def __init__(self, player, recording, broker_port, vector):
        self.player, self.recording, self.vector = player, recording, vector
        self.broker_port = broker_port
        self.taps = {}
        self.calls = {}  # by the recorded message id, None where it was left out
        self.last_id = 0
        self.ended = []  # (the call, the recorded reply, what the caller got)
        self.served = []  # (the request, what the server got)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for part in list(self.taps):
            self.close(part)
        self.player.forget()

    def open(self, part):
        if part in self.taps:
            return
        self.taps[part] = tap = Tap(part, self.broker_port, self.recording)
        self.player.do("open", part=part, url=f"rabbit://guest:guest@127.0.0.1:{tap.port}/?{self.vector.options}")
        if part in ("server", "inner"):
            self.player.do("serve", part=part, **self.vector.served(part))
        elif part.endswith("listener"):
            subscriptions, pool = self.vector.subscriptions(part)
            self.player.do("listen", part=part, subscriptions=subscriptions, pool=pool)

    def close(self, part):
        self.player.do("close", part=part)
        self.taps.pop(part).close()

    def warm_up(self):
        """One message to each queue that is used, as before the recording began; all of them settled."""
        parts = dict.fromkeys(f["from"].split("#")[0] for f in self.vector.frames)
        deliveries = 0
        for caller, server in (("client", "server"), ("inner", "inner")):
            if caller in parts:
                self.open(server)
                self.open(caller)
                call = self.call(caller, {"topic": self.vector.served(server)["topic"], "body": NOTE})
                self.player.do("reply", held=self.player.event("request", part=server)["held"], result=None)
                self.player.event("ended", id=call)
                deliveries += 2
        for listener in [part for part in parts if part.endswith("listener")]:
            self.open(listener)
            self.open("notifier")
            for to in self.vector.subscriptions(listener)[0]:
                self.player.do("notify", part="notifier", topic=f"{to['topic']}.{to['priority']}", body={})
                self.player.do("settle", held=self.player.event("notification", part=listener)["held"])
                deliveries += 1
        self.recording.wait_for(lambda frames: all_settled(frames) == deliveries)

    def play(self):
        for frame in self.vector.frames:
            part = frame["from"].split("#")[0]
            self.open(part)
            if frame["method"] == "basic.publish":
                self.publish(part, frame)
            elif frame["method"] in ("basic.ack", "basic.reject") and part.endswith("listener"):
                requeue = {"requeue": True} if frame["method"] == "basic.reject" else {}
                self.player.do("settle", held=self.player.event("notification", part=part)["held"], **requeue)
            elif frame["method"] == "queue.delete":
                self.close(part)

    def publish(self, part, frame):
        if part == "notifier":
            self.player.do("notify", part=part, **notification_of(frame))
        elif frame["args"]["exchange"] == "":
            self.reply(frame["inner"] or {"result": {}, "failure": None, "ending": True, "_msg_id": None})
        else:
            self.request(part, frame)

    def request(self, part, frame):
        verb, command = request_of(frame)
        if verb == "call":
            call = self.call(part, command)
        else:
            self.player.do("cast", part=part, **command)
        if command["topic"] == "nobody_here":
            self.ended.append((command, None, self.player.event("ended", id=call)))
            return
        request = self.player.event("request")
        self.served.append((command, request))
        if verb == "call":
            recorded = (frame["inner"] or {}).get("_msg_id")
            self.calls[recorded] = {"id": call, "held": request["held"], "command": command}

    def call(self, part, command):
        self.last_id += 1
        self.player.do("call", part=part, id=self.last_id, **command)
        return self.last_id

    def reply(self, inner):
        call = self.calls[inner["_msg_id"]]
        if not inner["ending"]:
            self.player.do("heartbeat", held=call["held"])
            return
        failure = inner["failure"] and json.loads(inner["failure"])
        outcome = {"failure": failure} if failure else {"result": inner["result"]}
        self.player.do("reply", held=call["held"], **outcome)
        self.ended.append((call["command"], outcome, self.player.event("ended", id=call["id"])))
