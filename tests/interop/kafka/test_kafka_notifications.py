# SPDX-License-Identifier: Apache-2.0
"""Notifications cross both ways over Kafka: formats, priorities, contexts, payloads, virtual hosts."""

import json

import oslo
import payloads
from kafka_case import VERSION, KafkaCase
from oslo_context.context import RequestContext
from oslo_endpoints import PRIORITIES

V1, V2 = "messaging", "messagingv2"
UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
TIMESTAMP = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?$"
CONTEXT = {"user_id": "ada", "project_id": "engine", "request_id": "req-1", "roles": ["admin", "Zähler"],
           "is_admin": False, "auth_token": "c4n4ry"}
KEPT = {key: value for key, value in CONTEXT.items() if key != "auth_token"}
# A broker takes a megabyte; a text stands escaped in a text that is escaped again.
LARGEST = 900_000


def size(document):
    return len(json.dumps(json.dumps(document)))


def documents():
    """Of every JSON kind, each of which fits into a record."""
    return [(name, document) for name, document in payloads.documents(200) if size(document) < LARGEST]


def bundles():
    """The documents by name, as many together as fit."""
    bundle = {}
    for name, document in documents():
        if size(bundle | {name: document}) > LARGEST:
            yield bundle
            bundle = {}
        bundle[name] = document
    yield bundle


class NotificationCase(KafkaCase):

    def assert_sound(self, notifications, expected):
        """Whatever their order, for each topic and partition has its own."""
        def what_counts(notification):
            return {key: notification[key] for key in ("priority", "publisher_id", "event_type", "payload", "context")}
        for each in notifications:
            self.assertRegex(each["message_id"], UUID)
            self.assertRegex(each["timestamp"], TIMESTAMP)
        self.assertCountEqual(map(what_counts, notifications), expected)


class FromPython(NotificationCase):

    def test_NTF_2_every_priority_of_both_drivers(self):
        listener = self.gantry_listener()
        expected = []
        for driver in (V1, V2):
            notifier = self.python_notifier("Zähler.host-1", driver)
            for priority in PRIORITIES:
                getattr(notifier, priority)({}, "compute.größe", {"driver": driver, "ü": [priority, "\U0001F600"]})
                expected.append({"priority": priority, "publisher_id": "Zähler.host-1", "context": {},
                                 "event_type": "compute.größe", "payload": {"driver": driver, "ü": [priority, "😀"]}})
        self.assert_sound(listener.notifications(len(expected)), expected)
        self.assertEqual(listener.stop(), 0)
        self.assertEqual(listener.said("ledger"), ["ledger: sent 0; received 14: 14 handled"])
        for priority in PRIORITIES:
            self.assert_nothing_left(priority=priority)

    def test_NTF_6_the_context_that_python_sends(self):
        """Newer versions send none of a dict: they cannot know what of it is secret."""
        listener = self.gantry_listener("--priority", "info")
        for driver in (V1, V2):
            self.python_notifier(driver=driver).info(CONTEXT, "compute.start", {})
        for notification in listener.notifications(2):
            self.assertEqual(notification["context"], KEPT if VERSION < (15, 0) else {})

    def test_NTF_6_the_context_object_that_a_service_has(self):
        listener = self.gantry_listener("--priority", "info")
        context = RequestContext(user_id="ada", project_id="engine", request_id="req-1", roles=["admin", "Zähler"],
                                 auth_token="c4n4ry")
        serializer = oslo.RequestContextSerializer()
        notifier = oslo.notifier(self.python_transport(), self.topic, serializer=serializer)
        notifier.info(context, "compute.start", {})
        received = listener.notifications(1)[0]["context"]
        self.assertEqual(received, serializer.sent)
        wanted = {"project_id": "engine", "request_id": "req-1", "roles": ["admin", "Zähler"]}
        self.assertEqual({key: received[key] for key in wanted}, wanted)
        self.assertNotIn("c4n4ry", json.dumps(received))

    def test_NTF_2_payloads_of_every_json_kind_are_intact(self):
        listener = self.gantry_listener("--priority", "info")
        notifier = self.python_notifier()
        sent = documents()
        for name, document in sent:
            notifier.info({}, name, document)
        received = {each["event_type"]: each["payload"] for each in listener.notifications(len(sent))}
        # Not assertEqual: a megabyte of difference helps nobody.
        changed = [name for name, document in sent
                   if payloads.text_of(received.get(name)) != payloads.text_of(document)]
        self.assertEqual(changed, [])

    def test_WIRE_11_every_codec_that_python_compresses_with(self):
        listener = self.gantry_listener("--priority", "info")
        codecs = ["gzip", "snappy", "lz4", "zstd"]
        for codec in codecs:
            self.python_notifier(compression_codec=codec).info({}, "compressed", {"text": codec * 1000})
        received = [each["payload"]["text"] for each in listener.notifications(len(codecs))]
        self.assertCountEqual(received, [codec * 1000 for codec in codecs])


class ToPython(NotificationCase):

    def test_NTF_2_every_priority_of_both_drivers(self):
        listener = self.python_listener()
        expected = []
        for form in ((), ("--v1",)):
            for priority in PRIORITIES:
                id = self.notify("--priority", priority, "--event", "compute.größe", "--publisher", "Zähler.host-1",
                                 "ü=😀", *form)
                expected.append({"priority": priority, "publisher_id": "Zähler.host-1", "context": {},
                                 "event_type": "compute.größe", "payload": {"ü": "😀"}})
                self.assertRegex(id, UUID)
        self.assert_sound(listener.notifications(len(expected)), expected)

    def test_NTF_6_contexts_and_payloads_of_every_json_kind_are_intact(self):
        listener = self.python_listener()
        context = [word for key, value in CONTEXT.items() for word in ("--context", f"{key}:={json.dumps(value)}")]
        ids = [self.notify(*context, *form) for form in ((), ("--v1",))]
        sent = list(bundles())
        for bundle in sent:
            self.notify("--event", "documents", "--args-json", "-", stdin=json.dumps(bundle, ensure_ascii=False))
        received = listener.notifications(len(ids) + len(sent))
        contexts = {each["message_id"]: each["context"] for each in received if each["event_type"] != "documents"}
        self.assertEqual(contexts, dict.fromkeys(ids, KEPT))
        came = {name: document for each in received if each["event_type"] == "documents"
                for name, document in each["payload"].items()}
        changed = [name for name, document in documents()
                   if payloads.text_of(came.get(name)) != payloads.text_of(document)]
        self.assertEqual(changed, [])

    def test_WIRE_11_python_reads_every_codec_that_gantry_compresses_with(self):
        listener = self.python_listener()
        codecs = ["gzip", "snappy", "lz4", "zstd"]
        for codec in codecs:
            self.notify(f"text={codec * 1000}", compression_codec=codec)
        received = [each["payload"]["text"] for each in listener.notifications(len(codecs))]
        self.assertCountEqual(received, [codec * 1000 for codec in codecs])


class VirtualHosts(KafkaCase):
    """Python's notifier writes to T.P.vhost and its listener reads T.P; ours reads both."""

    def test_WIRE_11_gantry_reads_what_python_writes_with_a_virtual_host_and_without(self):
        listener = self.gantry_listener("--priority", "info", virtual_host="vh1")
        self.python_notifier(virtual_host="vh1").info({}, "where", {"at": "vh1"})
        self.python_notifier().info({}, "where", {"at": "none"})
        self.python_notifier(virtual_host="vh2").info({}, "where", {"at": "elsewhere"})
        self.python_notifier(virtual_host="vh1").info({}, "where", {"at": "vh1 again"})
        self.assertCountEqual([each["payload"]["at"] for each in listener.notifications(3)],
                              ["vh1", "none", "vh1 again"])

    def test_WIRE_11_gantry_writes_where_python_writes(self):
        self.notify("at=vh1", virtual_host="vh1")
        self.python_notifier(virtual_host="vh1").info({}, "test", {"at": "vh1"})
        listener = self.gantry_listener("--priority", "info", virtual_host="vh1")
        self.assertEqual([each["payload"]["at"] for each in listener.notifications(2)], ["vh1", "vh1"])
        records = self.raw.records(f"{self.topic}.info.vh1")
        self.assertEqual(len(records), 2)

    def test_WIRE_11_python_with_a_virtual_host_reads_what_gantry_writes_without(self):
        listener = self.python_listener(virtual_host="vh1")
        self.notify("at=none")
        self.assertEqual(listener.notifications(1)[0]["payload"], {"at": "none"})
