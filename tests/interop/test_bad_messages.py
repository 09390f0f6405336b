# SPDX-License-Identifier: Apache-2.0
"""Garbage is rejected, one message at a time, by our server and our client; what is good is served on."""

import json

from case import CPP_TO_PYTHON, GANTRY, PYTHON_TO_CPP, URL, InteropCase, shows
from envelopes import UNDECODABLE, envelope
from raw_server import RawServer

ECHO = {"method": "echo", "args": {}}


DECODABLE_BUT_ODD = {
    "an empty object": "{}",
    "no method": json.dumps({"args": {}}),
    "a method that is a number": json.dumps({"method": 5, "args": {}}),
    "arguments that are a list": json.dumps({"method": "echo", "args": [1]}),
    "a reply queue that is a number": json.dumps(ECHO | {"_msg_id": "m", "_reply_q": 7}),
    "a reply queue that is not there": json.dumps(ECHO | {"_msg_id": "m", "_reply_q": "reply_gone"}),
    "an id that is a list": json.dumps(ECHO | {"_msg_id": [], "_unique_id": {}}),
    "a timeout that is text": json.dumps(ECHO | {"_msg_id": "m", "_reply_q": "reply_gone", "_timeout": "soon"}),
}


class BadRequests(InteropCase):
    depends_on_version = False

    @shows("undecodable message rejected, service goes on", PYTHON_TO_CPP)
    def test_ENV_6_undecodable_messages_are_rejected_and_the_server_goes_on(self):
        self.throw_and_go_on(UNDECODABLE)

    @shows("undecodable message rejected, service goes on", PYTHON_TO_CPP)
    def test_ENV_6_other_content_types_are_rejected_and_the_server_goes_on(self):
        types = ("application/x-python-serialize", "application/x-msgpack", "text/plain")
        self.throw_and_go_on({content_type: json.dumps(ECHO) for content_type in types}, type_of=str)

    @shows("odd message survived", PYTHON_TO_CPP)
    def test_DISP_4_odd_requests_do_no_harm(self):
        self.throw_and_go_on(DECODABLE_BUT_ODD)

    def throw_and_go_on(self, messages, type_of=lambda name: "application/json"):
        server = self.gantry_server()
        client = self.python_client()
        for name, body in messages.items():
            self.publish(body, self.topic, type_of(name))
            self.assertEqual(client.call({}, "add", a=20, b=22), 42, name)
        self.assertTrue(server.alive())
        self.assertEqual(server.stop(), 0)
        # Neither waiting nor unacknowledged: rejected for good, not put back.
        self.assertEqual(self.messages_in_queue(self.topic), 0)
        self.assert_fit_for_a_terminal("".join(server.errors))


def reply(msg_id, **fields):
    return envelope({"result": None, "failure": None, "ending": True, "_msg_id": msg_id} | fields)


class BadReplies(InteropCase):
    depends_on_version = False

    @shows("undecodable message rejected, service goes on", CPP_TO_PYTHON)
    def test_RPLY_16_undecodable_replies_are_dropped_and_the_good_one_is_taken(self):
        with self.answering(lambda msg_id: [*UNDECODABLE.values(), reply(msg_id, result=42)]):
            self.assert_answer(42)

    @shows("odd message survived", CPP_TO_PYTHON)
    def test_RPLY_4_replies_to_others_and_heartbeats_unasked_are_ignored(self):
        with self.answering(lambda msg_id: [
                "{}", reply("somebody-else", result=1), reply(None, result=2), reply(msg_id, ending=False),
                reply(msg_id, result=42), reply(msg_id, result=43)]):
            self.assert_answer(42)

    @shows("odd message survived", CPP_TO_PYTHON)
    def test_RPLY_7_an_answer_in_two_parts_is_put_together(self):
        with self.answering(lambda msg_id: [reply(msg_id, result=42, ending=False), reply(msg_id)]):
            self.assert_answer(42)

    @shows("odd message survived", CPP_TO_PYTHON)
    def test_EXC_8_a_failure_that_cannot_be_decoded_is_told_as_it_stands(self):
        for failure in ("not JSON at all", "[1]", "{}"):
            with self.answering(lambda msg_id, failure=failure: [reply(msg_id, failure=failure)]):
                done = GANTRY.call(self.topic, "ping")
                self.assert_exit(done, 5)
                self.assertIn(failure, done.err)

    def answering(self, answers):
        return RawServer(URL, self.topic, answers)

    def assert_answer(self, value):
        done = GANTRY.call(self.topic, "ping")
        self.assert_exit(done, 0)
        self.assertEqual(done.json(), value)
        self.assert_fit_for_a_terminal(done.err)
