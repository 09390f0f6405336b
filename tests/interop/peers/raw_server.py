# SPDX-License-Identifier: Apache-2.0
"""A server without oslo.messaging: it answers each request with whatever bytes it is told to."""

import contextlib
import json
import socket
import threading

import kombu


class RawServer:
    """Serves a topic while entered. `answers` makes, of a request's id, the bodies to send back in turn."""

    def __init__(self, url, topic, answers):
        self.url = url.replace("rabbit://", "amqp://")
        self.answers = answers
        exchange = kombu.Exchange("openstack", "topic", durable=False)
        self.queue = kombu.Queue(topic, exchange, routing_key=topic, durable=False)
        self.subscribed = threading.Event()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self.thread.start()
        self.subscribed.wait()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()

    def _serve(self):
        try:
            with kombu.Connection(self.url) as self.connection, self.connection.Consumer(
                    self.queue, on_message=self._answer):
                self.subscribed.set()
                while not self.stopping.is_set():
                    with contextlib.suppress(socket.timeout):
                        self.connection.drain_events(timeout=0.2)
        finally:
            self.subscribed.set()

    def _answer(self, message):
        message.ack()
        request = json.loads(json.loads(message.body)["oslo.message"])
        producer = self.connection.Producer()
        for body in self.answers(request["_msg_id"]):
            body = body if isinstance(body, bytes) else body.encode()
            producer.publish(body, routing_key=request["_reply_q"], content_type="application/json",
                             content_encoding="utf-8")
