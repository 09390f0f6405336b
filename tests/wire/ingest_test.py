#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Hand-made requests, replies and notifications that were thrown at Python, thrown at Gantry through a broker: what
becomes of them is what became of them there, or what the tables below say (docs/decisions/0013).

Runs beside a broker (tests/integration/rabbit_broker.py) and takes the player from GANTRY_PLAYER.
"""

import json

import cases
from comparison import settled
from peer import PORT, Peer
from tap import PATIENCE_SECONDS, Recording, Tap
from vector import FOLDER, open_envelope

JSON = {"content_type": "application/json"}

# No Value holds a NaN, so the message is rejected.
UNHOLDABLE = {"nan"}
# The memory for duplicates is longer than sixteen.
NO_DUPLICATE_AT_PYTHON = {"duplicate_after_16"}
# Where Python's dispatcher stumbles, Gantry says what is wrong.
OTHER_FAILURE = {
    "args_null": "InvalidArgument",
    "args_list": "InvalidArgument",
    "method_missing": "NoSuchMethod",
    "method_null": "NoSuchMethod",
    "version_1": "UnsupportedVersion",
    "version_garbage": "UnsupportedVersion",
    "version_null": "UnsupportedVersion",  # the text says null, not None
}
# Where Python's client stumbles over a reply, Gantry takes it for what it plainly is.
STUMBLES = {"builtins.KeyError", "builtins.AttributeError"}
# Python leaves a duplicate unacknowledged until its connection ends.
NEVER_SETTLED_AT_PYTHON = {"duplicate"}


def ingest(name):
    return [json.loads(line) for line in (FOLDER / "ingest" / f"{name}.jsonl").read_text().splitlines()]


def bodies(publish):
    if "bodies" in publish:
        return [body.encode() for body in publish["bodies"]]
    body = bytes.fromhex(publish["body_hex"]) if "body_hex" in publish else publish["body"].encode()
    return [body] * (publish.get("times") or 1)


def ends(broker_saw):
    return ["ack" if end["method"] == "basic.ack" else f"reject requeue={end['args']['requeue']}" for end in broker_saw]


def in_order(replies):
    """Python's come from many threads."""
    return sorted(replies, key=lambda reply: reply["_msg_id"])


class IngestCase(cases.WireCase):
    def setUp(self):
        self.recording = Recording()
        self.tap = Tap("part", PORT, self.recording)
        self.addCleanup(self.tap.close)
        options = "accept_compressed=true&reply_queue_prefix="  # both are off in Gantry (decision 0016)
        self.player.do("open", part="part", url=f"rabbit://guest:guest@127.0.0.1:{self.tap.port}/?{options}")
        self.addCleanup(self.player.do, "close", part="part")
        self.peer = self.enterContext(Peer())
        self.settled = 0

    def settled_now(self, count):
        """The next so many ends of deliveries."""
        frames = self.recording.wait_for(lambda frames: len(settled(frames, "part#1")) >= self.settled + count)
        found = settled(frames, "part#1")[self.settled:]
        self.settled += len(found)
        return found


class Requests(IngestCase):
    def setUp(self):
        super().setUp()
        self.replies = []
        self.peer.declare_queue("ing_reply")
        self.peer.channel.basic_consume(
            "ing_reply", no_ack=True, callback=lambda message: self.replies.append(open_envelope(message.body)))
        self.player.do("serve_methods", part="part", topic="ing", server="s1")

    def test_ENV_6_what_becomes_of_a_request_is_what_became_of_it_at_python(self):
        for case in ingest("requests_into_server"):
            with self.subTest(case["id"]):
                self.throw(case)

    def throw(self, case):
        publish = case["publish"]
        for body in bodies(publish):
            self.peer.publish(publish["exchange"], publish["routing_key"], body, publish["props"])
        dispatched, replies = self.go_on(publish["routing_key"])
        ended = self.settled_now(len(bodies(publish)) + 1)
        if case["id"] in UNHOLDABLE:
            return self.assertEqual((ended, dispatched, replies), (["reject requeue=False", "ack"], [], []))
        self.assertEqual(ended, ends(case["broker_saw"]) + ["ack"])
        expected = [self.taken(call) for call in case["dispatched"]]
        expected_replies = case["replies"]
        if case["id"] in NO_DUPLICATE_AT_PYTHON:
            expected, expected_replies = expected[:-1], expected_replies[:-1]
        self.assertEqual(dispatched, expected)
        self.assertEqual(len(replies), len(expected_replies))
        for reply, theirs in zip(in_order(replies), in_order(expected_replies)):
            self.assert_reply(case["id"], reply, theirs)

    def go_on(self, key):
        """What was dispatched and answered before a request that follows now, to the same queue."""
        last = {"method": "m", "args": {"last": True}, "_msg_id": "last", "_reply_q": "ing_reply"}
        self.peer.publish("openstack", key, json.dumps(last).encode(), JSON)
        while not self.replies or self.replies[-1]["_msg_id"] != "last":
            self.peer.connection.drain_events(timeout=PATIENCE_SECONDS)
        replies, self.replies = self.replies[:-1], []
        self.player.event("dispatched", args=last["args"])
        return [{"args": event["args"], "ctxt": event["context"]} for event in self.player.forget()], replies

    def taken(self, call):
        """The monitor is a fact of the request, and no entry of its context."""
        return {"args": call["args"], "ctxt": {k: v for k, v in call["ctxt"].items() if k != "client_timeout"}}

    def assert_reply(self, name, reply, theirs):
        self.assertEqual(list(reply), list(theirs))
        self.assertEqual(reply | {"failure": None, "_unique_id": ""}, theirs | {"failure": None, "_unique_id": ""})
        self.assertEqual(reply["failure"] is None, theirs["failure"] is None)
        if theirs["failure"]:
            failure, expected = json.loads(reply["failure"]), json.loads(theirs["failure"])
            if name in OTHER_FAILURE:
                return self.assertEqual(failure["class"], OTHER_FAILURE[name])
            for key in ("class", "module", "message", "args", "kwargs"):
                self.assertEqual(failure[key], expected[key])


class Replies(IngestCase):
    def setUp(self):
        super().setUp()
        self.requests = []
        self.peer.channel.exchange_declare("openstack", "topic", durable=False, auto_delete=False)
        self.peer.declare_queue("ingc")
        self.peer.channel.queue_bind("ingc", "openstack", "ingc")
        self.peer.channel.basic_consume(
            "ingc", no_ack=True, callback=lambda message: self.requests.append(open_envelope(message.body)))

    def test_RPLY_4_what_a_caller_gets_is_what_it_got_at_python(self):
        calls = []
        for number, case in enumerate(ingest("replies_into_client")):
            with self.subTest(case["id"]):
                self.begin(number, case)
                self.answer(case, self.request())
                calls.append((number, case))
        for number, case in calls:
            with self.subTest(case["id"]):
                self.assert_ended(case, self.player.event("ended", id=number))

    def begin(self, number, case):
        """With the time that was given where it is to pass; else with time enough for any machine."""
        times_out = "MessagingTimeout" in case["client"].get("exception", {}).get("type", "")
        factor = 1_000 if times_out else 60_000
        monitor = case["call"]["call_monitor_timeout"]
        self.player.do("call", part="part", id=number, topic="ingc", body={"method": "m"},
                       timeout_ms=case["call"]["timeout"] * factor, monitor_ms=monitor and monitor * factor)

    def request(self):
        while not self.requests:
            self.peer.connection.drain_events(timeout=PATIENCE_SECONDS)
        return self.requests.pop()

    def answer(self, case, request):
        props = {} if case["id"] == "no_content_type" else JSON
        for reply in case["replies_sent"]:
            mine = {} if reply["_msg_id"] == "nope" else {"_msg_id": request["_msg_id"]}
            body = json.dumps(reply | mine)
            if case["envelope"]:
                body = json.dumps({"oslo.version": "2.0", "oslo.message": body})
            self.peer.publish("", request["_reply_q"], body.encode(), props)
        self.assertEqual(self.settled_now(len(case["broker_saw"])), ends(case["broker_saw"]))

    def assert_ended(self, case, ended):
        exception = case["client"].get("exception", {}).get("type", "")
        error = ended.get("error", {})
        if not exception:
            self.assertEqual(ended.get("result", error), case["client"]["result"])
        elif exception.endswith("MessagingTimeout"):
            self.assertEqual(error.get("type"), "MessagingTimeout")
        elif exception in STUMBLES:
            self.assertEqual(ended.get("result", error), case["replies_sent"][-1].get("result"))
        else:
            self.assert_failure(error, case["replies_sent"][-1]["failure"])

    def assert_failure(self, error, sent):
        """As data: which class it becomes is the RPC client's affair."""
        self.assertEqual(error["type"], "RemoteError")
        try:
            failure = json.loads(sent)
        except (TypeError, json.JSONDecodeError):
            return
        for key, absent in (("class", ""), ("message", ""), ("tb", [])):
            self.assertEqual(error["failure"][key], failure.get(key, absent))


class Notifications(IngestCase):
    def setUp(self):
        super().setUp()
        self.player.do("handle_notifications", part="part", topic="ingn")

    def test_NDSP_1_what_becomes_of_a_notification_is_what_became_of_it_at_python(self):
        for case in ingest("notifications_into_listener"):
            with self.subTest(case["id"]):
                self.throw(case)

    def throw(self, case):
        publish = case["publish"]
        for body in bodies(publish):
            self.peer.publish(publish["exchange"], publish["routing_key"], body, publish["props"])
        handled = self.go_on()
        ended = self.settled_now(len(bodies(publish)) + 1)
        if case["id"] == "null_priority":  # Python gives it back again and again
            return self.assertEqual((ended, handled), (["ack", "ack"], []))
        more = ["ack"] if case["id"] in NEVER_SETTLED_AT_PYTHON else []
        self.assertEqual(ended, ends(case["broker_saw"]) + more + ["ack"])
        self.assertEqual(handled, [self.seen(call) for call in case["listener_saw"]])

    def go_on(self):
        """What was handled before a notification that follows now."""
        self.peer.publish("openstack", "ingn.info", b'{"event_type": "last", "priority": "INFO"}', JSON)
        handled = []
        while not handled or handled[-1]["event_type"] != "last":
            event = self.player.event("dispatched")
            body = event["body"]
            handled.append({"ctxt": event["context"]} | {k: v for k, v in body.items() if k != "priority"})
        return handled[:-1]

    def seen(self, call):
        """What is missing is empty text here."""
        ctxt = {k: v for k, v in call["ctxt"].items() if k != "client_timeout"}
        return {"ctxt": ctxt, "payload": call["payload"]} | {
            k: v or "" for k, v in ({k: call[k] for k in ("publisher_id", "event_type")} | call["metadata"]).items()}


if __name__ == "__main__":
    cases.main()
