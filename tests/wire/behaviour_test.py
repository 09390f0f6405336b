#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the driver writes when, of the recordings in behaviour/ that no other test holds (docs/decisions/0013).

Runs beside a broker (tests/integration/rabbit_broker.py) and takes the player from GANTRY_PLAYER.
"""

import cases
from comparison import SETTLING, settled
from peer import PORT, Peer
from player import Refused
from tap import Recording, Tap
from vector import open_envelope

NOTE = {"method": "note", "args": {}}
STREAMS = "rabbit_stream_fanout=true&rabbit_transient_quorum_queue=true&rabbit_qos_prefetch_count=10"


class BehaviourCase(cases.WireCase):
    def setUp(self):
        self.recording = Recording()
        self.peer = self.enterContext(Peer())
        self.topic = f"behaviour-{self._testMethodName}"[:100]
        self.calls = 0
        self.player.forget()  # what an earlier test left

    def open(self, part, options=""):
        tap = Tap(part, PORT, self.recording)
        self.addCleanup(tap.close)
        self.player.do("open", part=part, url=f"rabbit://guest:guest@127.0.0.1:{tap.port}/?{options}")
        self.addCleanup(self.player.do, "close", part=part)
        return tap

    def serve(self, options=""):
        tap = self.open("server", options)
        self.player.do("serve", part="server", topic=self.topic, server="s1")
        return tap

    def call(self, **target):
        self.calls += 1
        self.player.do("call", part="client", id=self.calls, topic=self.topic, body=NOTE, **target)
        return self.player.event("request")

    def answered(self, request, result=None):
        self.player.do("reply", held=request["held"], result=result)
        return self.player.event("ended", id=self.calls)

    def wait_for_frames(self, connection, method, count=1):
        """Until there are so many of them."""
        def those(frames):
            return [f for f in frames if f["from"] == connection and f["method"] == method]
        return those(self.recording.wait_for(lambda frames: len(those(frames)) >= count))

    def wait_for_consumers(self, part, count):
        """Until a connection after its first has so many; returns its name."""
        def consuming(frames):
            names = [f["from"] for f in frames if f["method"] == "basic.consume" and f["from"].startswith(part)]
            return [name for name in names if name != f"{part}#1" and names.count(name) == count]
        return consuming(self.recording.wait_for(consuming))[0]

    def setup_of(self, connection):
        """All but how it introduced itself and what it settled."""
        return [{"method": f["method"], "ch": f["ch"], "args": f["args"]} for f in self.recording.now()
                if f["from"] == connection and f["method"] not in (*SETTLING, "connection.start-ok")]


class Acknowledgements(BehaviourCase):
    def test_RPCS_3_a_request_is_acknowledged_before_it_runs(self):
        self.serve()
        self.open("client")
        request = self.call()
        self.recording.wait_for(lambda frames: settled(frames, "server#1"))
        self.assertEqual(settled(self.recording.now(), "server#1"), ["ack"])
        self.assertNotIn("error", self.answered(request))

    def test_WIRE_8_a_notification_is_acknowledged_after_it_was_handled(self):
        self.open("listener")
        self.open("notifier")
        self.player.do("listen", part="listener", pool="",
                       subscriptions=[{"topic": self.topic, "priority": "info"}])
        held = []
        for number in range(2):
            self.player.do("notify", part="notifier", topic=f"{self.topic}.info", body={"event_type": str(number)})
            held.append(self.player.event("notification")["held"])
        self.player.do("settle", held=held[1])
        self.recording.wait_for(lambda frames: settled(frames, "listener#1"))
        acks = [f["args"] for f in self.recording.now() if f["method"] in SETTLING]
        self.assertEqual(acks, [{"delivery_tag": 2, "multiple": False}])
        self.player.do("settle", held=held[0])
        self.recording.wait_for(lambda frames: len(settled(frames, "listener#1")) == 2)


class Frames(BehaviourCase):
    def test_WIRE_2_a_large_body_comes_in_frames_of_the_size_that_was_agreed(self):
        self.serve()
        self.open("client")
        self.player.do("cast", part="client", topic=self.topic, body={"method": "m", "args": {"s": "x" * 300_000}})
        publish, = self.wait_for_frames("client#1", "basic.publish")
        whole, rest = divmod(len(publish["body"]), 131064)
        self.assertEqual(publish["body_frames"], [131064] * whole + [rest])

    def test_WIRE_2_idle_connections_send_heartbeats(self):
        self.serve("heartbeat_timeout_threshold=1")
        self.open("client", "heartbeat_timeout_threshold=1")
        self.answered(self.call())
        for connection in ("server#1", "server#2", "client#1", "client#2"):
            self.recording.wait_for(lambda frames: self.recording.heartbeats[connection] >= 2)
            self.assertGreaterEqual(self.recording.heartbeats[connection], 2, connection)


class LostConnections(BehaviourCase):
    def test_WIRE_9_a_server_sets_up_the_same_again(self):
        tap = self.serve()
        self.open("client")
        self.answered(self.call())
        tap.cut()
        self.assertEqual(self.setup_of("server#1"), self.setup_of(self.wait_for_consumers("server", 3)))
        self.assertNotIn("error", self.answered(self.call()))

    def test_WIRE_9_a_reply_waits_in_the_reply_queue_for_a_client_that_was_cut_off(self):
        self.serve()
        tap = self.open("client")
        request = self.call()
        tap.refuse()
        tap.cut()
        self.player.do("reply", held=request["held"], result="kept")
        self.wait_for_frames("server#2", "basic.publish")
        tap.accept()
        self.assertEqual(self.player.event("ended", id=self.calls).get("result"), "kept")
        self.assertEqual(self.setup_of("client#1"), self.setup_of(self.wait_for_consumers("client", 1)))

    def test_WIRE_3_a_stream_is_asked_for_what_follows_the_last_message(self):
        tap = self.serve(STREAMS)
        self.open("client", STREAMS)
        for number in range(3):
            self.player.do("cast", part="client", topic=self.topic, fanout=True, body=NOTE)
            self.player.event("request")
        tap.cut()
        again = self.wait_for_consumers("server", 3)
        offsets = [f["args"]["arguments"]["x-stream-offset"] for name in ("server#1", again)
                   for f in self.wait_for_frames(name, "basic.consume")
                   if "x-stream-offset" in f["args"]["arguments"]]
        self.assertEqual(offsets, [["S", "last"], ["I", 3]])


class Refusals(BehaviourCase):
    def test_WIRE_9_what_the_broker_does_not_take_is_a_delivery_failure_at_once(self):
        full = {"x-max-length": 0, "x-overflow": "reject-publish"}
        self.peer.channel.exchange_declare("openstack", "topic", durable=False, auto_delete=False)
        self.peer.channel.queue_declare(self.topic, auto_delete=False, arguments=full)
        self.peer.channel.queue_bind(self.topic, "openstack", self.topic)
        self.open("client")
        with self.assertRaises(Refused) as refused:
            self.player.do("cast", part="client", topic=self.topic, body=NOTE)
        self.assertEqual(refused.exception.type, "MessageDeliveryFailure")
        self.assertEqual(len(self.wait_for_frames("client#1", "basic.publish")), 1)

    def test_WIRE_5_a_reply_is_sent_again_until_its_queue_is_there(self):
        self.serve()
        queue = f"reply_{self.topic}"
        call = b'{"method": "m", "args": {}, "_msg_id": "m1", "_reply_q": "%s"}' % queue.encode()
        self.peer.publish("openstack", self.topic, call, {"content_type": "application/json"})
        self.player.do("reply", held=self.player.event("request")["held"], result="late")
        self.wait_for_frames("server#2", "basic.publish", 2)
        self.peer.declare_queue(queue)
        while not (body := self.peer.take(queue)):
            pass
        self.assertEqual(open_envelope(body)["result"], "late")


if __name__ == "__main__":
    cases.main()
