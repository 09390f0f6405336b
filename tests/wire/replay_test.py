#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every golden vector of RabbitMQ, played on the rabbit driver: what it declares and publishes is what oslo.messaging
declared and published, modulo ids and the deviations that deviations.py lists; and it takes what Python published.

Runs beside a broker (tests/integration/rabbit_broker.py) and takes the player from GANTRY_PLAYER.
"""

import json
import pathlib

import cases
import deviations
from comparison import compare, complete
from peer import PORT, Peer
from player import Refused
from replay import Replay
from tap import Recording
from vector import notification_of, open_envelope, request_of, vectors

SOON_MS = 60_000
# What numbered queue names leave behind: a counter and its lock.
NUMBERING = ("host1_proc1_qmanager", "oslo_read_shm_host1_proc1")


def declared_queues(recording):
    return {f["args"]["queue"] for f in recording.now() if f["method"] == "queue.declare"}


class VectorCase(cases.WireCase):
    def each(self, play, *folders):
        """Calls play(vector, recording, replay) for each vector, in a subtest of its name."""
        for vector in vectors(*folders):
            recording = Recording()
            with self.subTest(vector.name):
                try:
                    with Replay(self.player, recording, PORT, vector) as replay:
                        play(vector, recording, replay)
                finally:  # no vector finds what another left
                    with Peer() as peer:
                        peer.delete_queues(declared_queues(recording))


class GoldenVectors(VectorCase):
    """What Gantry writes."""

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        for name in NUMBERING:
            pathlib.Path("/dev/shm", name).unlink(missing_ok=True)

    def play(self, vector, recording, replay):
        if vector.refused:
            return self.assert_refused("ConfigurationError", lambda: replay.open("server"))
        if not vector.fresh:
            replay.warm_up()
        mark = len(recording.now())
        if vector.name in deviations.UNHOLDABLE:
            return self.assert_refused("SerializationError", replay.play)
        replay.play()
        frames = recording.wait_for(lambda frames: complete(vector, frames, mark))
        compare(self, vector, frames, mark)
        for command, request in replay.served:
            self.assertEqual((request["body"], request["context"]), (command["body"], command["context"]))
        for command, outcome, event in replay.ended:
            self.assert_ended(command, outcome, event)

    def assert_refused(self, error, play):
        with self.assertRaises(Refused) as refused:
            play()
        self.assertEqual(refused.exception.type, error)

    def assert_ended(self, command, outcome, event):
        error = event.get("error", {})
        if error.get("type") == "MessagingTimeout" and ("monitor_ms" in command or command["timeout_ms"] < SOON_MS):
            return  # on a slow machine
        if outcome is None:
            self.assertEqual(error.get("type"), "MessageUndeliverable")
        elif "failure" in outcome:
            self.assertEqual(error.get("failure"), outcome["failure"])
        else:
            self.assertEqual(event.get("result", error), outcome["result"])

    def test_WIRE_3_options(self):
        self.each(self.play, "options", "options_upstream")

    def test_WIRE_5_requests_and_replies(self):
        self.each(self.play, "rpc")

    def test_WIRE_8_notifications(self):
        self.each(self.play, "notify", "notify_upstream")


class PythonsBytes(VectorCase):
    """What Python wrote, thrown at Gantry's servers, callers and listeners as it stands."""

    def test_WIRE_5_requests_are_taken(self):
        self.each(self.take_requests, "rpc")

    def test_WIRE_5_replies_are_taken(self):
        self.each(self.take_replies, "rpc")

    def test_WIRE_8_notifications_are_taken(self):
        self.each(self.take_notifications, "notify", "notify_upstream")

    def take_requests(self, vector, _, replay):
        requests = [f for f in vector.publishes("client", "inner") if f["args"]["exchange"]]
        for frame in requests:
            part = frame["from"].split("#")[0].replace("client", "server")
            replay.open(part)
            if frame["args"]["routing_key"] == "nobody_here":
                continue
            _, command = request_of(frame)
            self.assert_taken(frame, command, (part, "request"), frame["args"]["exchange"], b'{"method": "next"}')

    def take_notifications(self, vector, _, replay):
        replay.open("listener")
        exchange = vector.subscriptions("listener")[0][0]["exchange"]
        for frame in vector.publishes("notifier"):
            self.assert_taken(frame, notification_of(frame), ("listener", "notification"), exchange,
                              b'{"event_type": "next"}')

    def assert_taken(self, frame, command, by, exchange, sentinel):
        """What cannot be held is rejected: then the next message is the one that follows it."""
        part, event = by
        at = exchange, frame["args"]["routing_key"]
        with Peer() as peer:
            peer.publish(*at, frame["body_bytes"], frame["props"])
            peer.publish(*at, sentinel, {"content_type": "application/json"})
        taken = self.player.event(event, part=part)
        if taken["body"] != json.loads(sentinel):
            self.assertEqual((taken["body"], taken["context"]), (command["body"], command["context"]))
            taken = self.player.event(event, part=part)
            self.assertFalse(self.holds_more(command))
        else:
            self.assertTrue(self.holds_more(command))
        self.assertEqual(taken["body"], json.loads(sentinel))

    def holds_more(self, command):
        """Whether it holds what no Value holds."""
        try:
            text = json.dumps(command, ensure_ascii=False, allow_nan=False)
            text.encode("utf-8")
        except ValueError:
            return True
        found = []
        json.loads(text, parse_int=lambda digits: found.append(int(digits)))
        return any(not -2**63 <= number < 2**64 for number in found)

    def take_replies(self, vector, recording, replay):
        replay.open("server")
        replay.open("client")
        open_calls = {}
        for frame in [f for f in vector.publishes("server", "inner") if f["args"]["exchange"] == ""]:
            recorded = frame["inner"]["_msg_id"]
            call = open_calls.setdefault(recorded, self.begin_call(recording, replay))
            self.answer(frame["body_bytes"].replace(recorded.encode(), call["msg_id"].encode()), frame["props"], call)
            if frame["inner"]["ending"]:
                self.assert_answered(frame["inner"], call)

    def begin_call(self, recording, replay):
        number = replay.call("client", replay.vector.served("server") | {"body": {"method": "m"}})
        msg_id = self.player.event("request", part="server")["id"]
        publish = next(f for f in recording.now() if f["method"] == "basic.publish" and msg_id.encode() in f["body"])
        return {"number": number, "msg_id": msg_id, "queue": open_envelope(publish["body"])["_reply_q"]}

    def answer(self, body, props, call):
        with Peer() as peer:
            peer.publish("", call["queue"], body, props)

    def assert_answered(self, inner, call):
        if self.holds_more(inner):
            reply = {"result": "next", "failure": None, "ending": True, "_msg_id": call["msg_id"]}
            self.answer(json.dumps(reply).encode(), {"content_type": "application/json"}, call)
            inner = reply
        ended = self.player.event("ended", id=call["number"])
        if inner["failure"]:
            self.assertEqual(ended["error"].get("failure"), json.loads(inner["failure"]))
        else:
            self.assertEqual(ended.get("result", ended.get("error")), inner["result"])


if __name__ == "__main__":
    cases.main()
