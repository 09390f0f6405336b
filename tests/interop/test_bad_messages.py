# SPDX-License-Identifier: Apache-2.0
"""Garbage in the queue of our server is rejected, one message at a time; what is good is served on."""

import json
import os
import subprocess

import kombu

from case import PYTHON_TO_CPP, URL, InteropCase, shows

ECHO = {"method": "echo", "args": {}}


def envelope(message, version="2.0"):
    return json.dumps({"oslo.version": version, "oslo.message": message})


UNDECODABLE = {
    "not JSON": "this is not JSON",
    "half a JSON": '{"oslo.version": "2.0", "oslo.mess',
    "not UTF-8": b'{"method": "\xff\xfe"}',
    "a byte order mark": b'\xef\xbb\xbf{"method": "echo"}',
    "a control character": b'{"method": "ec\x00ho"}',
    "a list": "[]",
    "a number": "5",
    "null": "null",
    "envelope version 2.1": envelope(json.dumps(ECHO), "2.1"),
    "envelope version 3.0": envelope(json.dumps(ECHO), "3.0"),
    "envelope version 1.0": envelope(json.dumps(ECHO), "1.0"),
    "envelope version two": envelope(json.dumps(ECHO), 2),
    "envelope version null": envelope(json.dumps(ECHO), None),
    "message not text": envelope(ECHO),
    "message not JSON": envelope("this is not JSON"),
    "message not an object": envelope("[1, 2]"),
    "deeper than anyone nests": "[" * 100_000,
}
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


class BadMessages(InteropCase):

    @shows("undecodable message rejected, service goes on", PYTHON_TO_CPP)
    def test_ENV_6_undecodable_messages_are_rejected_and_the_server_goes_on(self):
        self.throw_and_go_on(UNDECODABLE)

    @shows("undecodable message rejected, service goes on", PYTHON_TO_CPP)
    def test_ENV_6_other_content_types_are_rejected_and_the_server_goes_on(self):
        for content_type in ("application/x-python-serialize", "application/x-msgpack", "text/plain"):
            self.throw_and_go_on({content_type: json.dumps(ECHO)}, content_type)

    @shows("odd message survived", PYTHON_TO_CPP)
    def test_DISP_4_odd_requests_do_no_harm(self):
        self.throw_and_go_on(DECODABLE_BUT_ODD)

    def throw_and_go_on(self, messages, content_type="application/json"):
        server = self.gantry_server()
        client = self.python_client()
        for name, body in messages.items():
            self.throw(body, content_type)
            self.assertEqual(client.call({}, "add", a=20, b=22), 42, name)
        self.assertTrue(server.alive())
        # Neither waiting nor unacknowledged: rejected for good, not put back.
        self.assertEqual(self.messages_in_queue(), 0)
        self.assertEqual(server.stop(), 0)

    def throw(self, body, content_type):
        with kombu.Connection(URL.replace("rabbit://", "amqp://")) as connection:
            body = body if isinstance(body, bytes) else body.encode()
            connection.Producer().publish(body, routing_key=self.topic, content_type=content_type,
                                          content_encoding="utf-8")

    def messages_in_queue(self):
        listed = subprocess.run(
            [os.environ["GANTRY_TEST_RABBITMQCTL"], "-q", "--no-table-headers", "list_queues", "name", "messages"],
            capture_output=True, text=True, check=True).stdout
        counts = dict(line.split("\t") for line in listed.splitlines())
        return int(counts[self.topic])
