# SPDX-License-Identifier: Apache-2.0
"""A peer that says what it likes, and knows what is in the broker: py-amqp on a connection of its own."""

import os
import sys
import urllib.parse

try:
    import amqp
except ImportError as e:
    print(f"SKIPPED: {sys.executable} has no py-amqp ({e}); install the package python3-oslo.messaging", file=sys.stderr)
    sys.exit(77)

PORT = urllib.parse.urlsplit(os.environ["GANTRY_TEST_RABBIT"]).port
SOON_MS = 10_000


class Peer:
    def __init__(self):
        self.connection = amqp.Connection(host=f"127.0.0.1:{PORT}", userid="guest", password="guest")
        self.connection.connect()
        self.channel = self.connection.channel()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def publish(self, exchange, key, body, props):
        """With exactly these properties, but for an expiration that a slow machine would see."""
        props = dict(props)
        headers = props.pop("headers", None)
        if int(props.get("expiration", SOON_MS)) < SOON_MS:
            del props["expiration"]
        told = {} if headers is None else {"application_headers": headers}
        self.channel.basic_publish(amqp.Message(body, **props, **told), exchange, key)

    def declare_queue(self, name):
        self.channel.queue_declare(name, auto_delete=False)

    def take(self, queue):
        """The next message's body; None when there is none."""
        message = self.channel.basic_get(queue, no_ack=True)
        return message and message.body

    def delete_queues(self, names):
        for name in names:
            self.channel.queue_delete(name)
