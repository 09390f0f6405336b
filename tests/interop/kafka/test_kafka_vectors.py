# SPDX-License-Identifier: Apache-2.0
"""What gantry writes to a broker is what Python wrote when the golden vectors were recorded, byte for byte."""

import json
import os
import pathlib
import re
import uuid

from kafka_case import KafkaCase, url
from processes import Gantry

VECTORS = pathlib.Path(__file__).parents[2] / "vectors/kafka"
CREATE_TIME = 1
# Each differs from run to run.
MESSAGE_ID = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIMESTAMP = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
# An integer beyond 64 bits, which a Value does not hold.
BEYOND = re.compile(r', \\"big\\": \d+')


def captured():
    """Those with records; upstream differs in what it leaves out of a context, which is up to the caller here."""
    for path in sorted(VECTORS.glob("*.json")):
        vector = json.loads(path.read_text())
        if vector.get("records"):
            yield vector


def without_what_changes(value):
    return TIMESTAMP.sub(b"TIMESTAMP", MESSAGE_ID.sub(b"ID", value))


class Replayed(KafkaCase):
    depends_on_version = False

    def test_WIRE_11_every_record_is_as_it_was_captured(self):
        names = []
        for vector in captured():
            self.replay(vector)
            names.append(vector["id"])
        self.assertGreaterEqual(len(names), 25, names)

    def replay(self, vector):
        prefix = uuid.uuid4().hex[:8]
        topics = self.send(vector, prefix)
        self.assertEqual(len(topics), len(vector["records"]))
        for expected in vector["records"]:
            written = self.raw.records(f"{prefix}-{expected['topic']}")
            self.assertEqual(len(written), 1, vector["id"])
            self.assertEqual((written[0].key, written[0].headers, written[0].timestamp_type),
                             (expected["key"], expected["headers"], CREATE_TIME), vector["id"])
            value = BEYOND.sub("", expected["value"]).encode()
            self.assertEqual(without_what_changes(written[0].value), without_what_changes(value), vector["id"])

    def send(self, vector, prefix):
        """As it was sent then, to topics that are not there yet."""
        message = vector["records"][0]["decoded"]["message"]
        priority = message["priority"].lower()
        topics = [f"{prefix}-{each['topic'].split('.' + priority)[0]}" for each in vector["records"]]
        payload = {key: value for key, value in message["payload"].items() if key != "big"}
        arguments = ["--priority", priority, "--event", message["event_type"], "--publisher", message["publisher_id"],
                     "--args-json", json.dumps(payload)]
        for key, value in message["_context"].items():
            arguments += ["--context", f"{key}:={json.dumps(value)}"]
        for topic in topics:
            arguments += ["--topic", topic]
        if vector["id"].startswith("v1_"):
            arguments.append("--v1")
        virtual_host, _, query = vector["url"].removeprefix("kafka://host:port").lstrip("/").partition("?")
        where = url(virtual_host) + (f"?{query}" if query else "")
        done = Gantry(os.environ["GANTRY_COMMAND"], where).run("notify", where, *arguments)
        self.assertEqual(done.code, 0, done.err)
        return topics
