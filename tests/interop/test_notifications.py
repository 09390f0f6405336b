# SPDX-License-Identifier: Apache-2.0
"""Notifications cross both ways: formats, priorities, payloads, contexts, pools, batches, requeue, and bad ones."""

import json

import oslo
import payloads
from case import CPP_TO_PYTHON, GANTRY, PYTHON_TO_CPP, URL, VERSION, InteropCase, shows
from envelopes import UNDECODABLE, envelope
from in_process import PythonListener
from lines import PATIENCE_SECONDS, Lines
from oslo_context.context import RequestContext
from oslo_endpoints import PRIORITIES

V1, V2 = "messaging", "messagingv2"
UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
TIMESTAMP = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?$"
CONTEXT = {"user_id": "ada", "project_id": "engine", "request_id": "req-1", "roles": ["admin", "Zähler"],
           "is_admin": False, "auth_token": "c4n4ry"}
KEPT = {key: value for key, value in CONTEXT.items() if key != "auth_token"}


class NotificationCase(InteropCase):

    @classmethod
    def setUpClass(cls):
        cls.transport = oslo.open_notification_transport(URL)

    def python_notifier(self, driver="messagingv2"):
        return oslo.notifier(self.transport, self.topic, driver=driver)

    def gantry_listener(self, *arguments):
        return self.enterContext(GANTRY.listen(self.topic, *arguments))

    def python_listener(self, **arguments):
        return self.enterContext(PythonListener(self.transport, self.topic, **arguments))

    def notify(self, *arguments, stdin=None):
        """By gantry; the message id."""
        done = GANTRY.notify(self.topic, *arguments, stdin=stdin)
        self.assert_exit(done, 0)
        return done.out.strip()

    def both_send(self, count):
        """Numbered notifications, by turns from Python and from gantry."""
        notifier = self.python_notifier()
        for n in range(count):
            if n % 2:
                notifier.info({}, "count", {"n": n})
            else:
                self.notify(f"n:={n}")

    def assert_each_came_once(self, count, listeners, queue):
        """Among all the listeners, and nothing is left to come."""
        with Lines.changed:
            self.assertTrue(Lines.changed.wait_for(
                lambda: sum(len(each.lines) for each in listeners) >= count, PATIENCE_SECONDS))
        for listener in listeners:
            self.assertEqual(listener.stop(), 0, listener.errors)
        numbers = [each["payload"]["n"] for listener in listeners for each in listener.all()]
        self.assertCountEqual(numbers, range(count))
        self.assertEqual(self.messages_in_queue(queue), 0)

    def assert_batches(self, listener, largest, total):
        """Waiting messages come together; how many is up to the machine's speed. Ends the listener, which tells of
        batches and of messages by different ways."""
        self.assertEqual(listener.stop(), 0)
        sizes = [int(line.split()[3]) for line in listener.said("a batch of")]
        self.assertEqual(sum(sizes), total)
        self.assertIn(max(sizes), range(2, largest + 1))

    def assert_sound(self, notification, **expected):
        self.assertRegex(notification["message_id"], UUID)
        self.assertRegex(notification["timestamp"], TIMESTAMP)
        self.assertEqual({key: notification[key] for key in expected}, expected)


class NotificationsFromPython(NotificationCase):

    @shows("notify v1", PYTHON_TO_CPP)
    def test_NTF_2_every_priority_without_the_envelope(self):
        self.every_priority(V1)

    @shows("notify v2", PYTHON_TO_CPP)
    def test_NTF_2_every_priority_in_the_envelope(self):
        self.every_priority(V2)

    def every_priority(self, driver):
        listener = self.gantry_listener()
        for n, priority in enumerate(PRIORITIES, 1):
            getattr(self.python_notifier(driver), priority)(CONTEXT, "compute.start", {"driver": driver, "ü": n})
            self.assert_sound(listener.notifications(n)[-1], priority=priority, publisher_id="python",
                              event_type="compute.start", payload={"driver": driver, "ü": n})
        self.assertEqual(listener.stop(), 0)
        self.assertEqual(listener.said("ledger"), [f"ledger: sent 0; received {n}: {n} handled"])

    @shows("context of a notification", PYTHON_TO_CPP)
    def test_NTF_6_the_context_that_python_sends(self):
        """Newer versions send none of a dict: they cannot know what of it is secret."""
        expected = KEPT if VERSION < (15, 0) else {}
        listener = self.gantry_listener()
        for driver in (V1, V2):
            self.python_notifier(driver).info(CONTEXT, "compute.start", {})
        for notification in listener.notifications(2):
            self.assertEqual(notification["context"], expected)

    @shows("context of a notification", PYTHON_TO_CPP)
    def test_NTF_6_the_context_object_that_a_service_has(self):
        listener = self.gantry_listener()
        context = RequestContext(user_id="ada", project_id="engine", request_id="req-1", roles=["admin", "Zähler"],
                                 auth_token="c4n4ry")
        serializer = oslo.RequestContextSerializer()
        oslo.notifier(self.transport, self.topic, serializer=serializer).info(context, "compute.start", {})
        received = listener.notifications(1)[0]["context"]
        self.assertEqual(received, serializer.sent)
        wanted = {"project_id": "engine", "request_id": "req-1", "roles": ["admin", "Zähler"]}
        self.assertEqual({key: received[key] for key in wanted}, wanted)
        self.assertNotIn("c4n4ry", json.dumps(received))

    @shows("payloads of notifications intact", PYTHON_TO_CPP)
    def test_NTF_2_payloads_of_every_json_kind_are_intact(self):
        listener = self.gantry_listener()
        notifier = self.python_notifier()
        documents = list(payloads.documents(200))
        for name, document in documents:
            notifier.info({}, name, document)
        for (name, document), notification in zip(documents, listener.notifications(len(documents)), strict=True):
            self.assertEqual(notification["event_type"], name)
            # Not assertEqual: a megabyte of difference helps nobody.
            self.assertTrue(payloads.text_of(notification["payload"]) == payloads.text_of(document), name)

    @shows("batches", PYTHON_TO_CPP)
    def test_BATCH_4_a_batch_listener_gets_all_in_order(self):
        notifier = self.python_notifier()
        for n in range(12):
            notifier.error({}, "count", {"n": n})
        listener = self.gantry_listener("--batch", "5", "--batch-timeout", "1s", "-v")
        self.assertEqual([each["payload"]["n"] for each in listener.notifications(12)], list(range(12)))
        self.assert_batches(listener, 5, 12)

    @shows("requeue", PYTHON_TO_CPP)
    def test_NLSN_5_what_is_given_back_comes_again(self):
        notifier = self.python_notifier()
        for n in range(10):
            notifier.info({}, "count", {"n": n})
        self.assert_each_came_once(10, [self.gantry_listener("--requeue-once")], self.topic + ".info")


class NotificationsToPython(NotificationCase):

    @shows("notify v1", CPP_TO_PYTHON)
    def test_NTF_2_every_priority_without_the_envelope(self):
        self.every_priority("--v1")

    @shows("notify v2", CPP_TO_PYTHON)
    def test_NTF_2_every_priority_in_the_envelope(self):
        self.every_priority()

    def every_priority(self, *form):
        listener = self.python_listener()
        for n, priority in enumerate(PRIORITIES, 1):
            id = self.notify("--priority", priority, "--event", "compute.start", "--publisher", "node-1", f"ü:={n}",
                             *form)
            self.assert_sound(listener.notifications(n)[-1], priority=priority, publisher_id="node-1",
                              event_type="compute.start", payload={"ü": n}, message_id=id)

    @shows("context of a notification", CPP_TO_PYTHON)
    def test_NTF_6_the_keys_that_say_who_asked(self):
        listener = self.python_listener()
        context = [word for key, value in CONTEXT.items() for word in ("--context", f"{key}:={json.dumps(value)}")]
        for form in ((), ("--v1",)):
            self.notify(*context, *form)
        for notification in listener.notifications(2):
            # oslo.messaging's listener adds this one itself.
            self.assertEqual(notification["context"], KEPT | {"client_timeout": None})

    @shows("payloads of notifications intact", CPP_TO_PYTHON)
    def test_NTF_2_payloads_of_every_json_kind_are_intact(self):
        listener = self.python_listener()
        documents = dict(payloads.documents(200))
        self.notify("--args-json", "-", stdin=json.dumps(documents, ensure_ascii=False))
        received = listener.notifications(1)[0]["payload"]
        changed = [name for name, document in documents.items()
                   if payloads.text_of(received.get(name)) != payloads.text_of(document)]
        self.assertEqual(changed, [])

    @shows("batches", CPP_TO_PYTHON)
    def test_BATCH_4_a_batch_listener_gets_all(self):
        for n in range(12):
            self.notify(f"n:={n}", "--priority", "error")
        listener = self.python_listener(batch=5)
        # Its threads take whole batches side by side.
        self.assertCountEqual([each["payload"]["n"] for each in listener.notifications(12)], range(12))
        self.assert_batches(listener, 5, 12)

    @shows("requeue", CPP_TO_PYTHON)
    def test_NLSN_5_what_is_given_back_comes_again(self):
        for n in range(10):
            self.notify(f"n:={n}")
        self.assert_each_came_once(10, [self.python_listener(requeue_once=True)], self.topic + ".info")


class Pools(NotificationCase):
    """The members of a pool share one queue, whatever they are written in."""

    @shows("pools", CPP_TO_PYTHON)
    def test_NLSN_8_each_once_in_a_pool_and_a_copy_for_each_pool(self):
        self.mixed_pools()

    @shows("pools", PYTHON_TO_CPP)
    def test_NLSN_8_each_once_in_a_pool_that_a_batch_listener_shares(self):
        self.mixed_pools("--batch", "3", "--batch-timeout", "100ms")

    def mixed_pools(self, *ours):
        mixed, alone = self.topic + "-mixed", self.topic + "-alone"
        members = [self.gantry_listener("--pool", mixed, *ours), self.gantry_listener("--pool", mixed),
                   self.python_listener(pool=mixed)]
        others = [self.gantry_listener("--pool", alone)]
        default = [self.python_listener()]
        self.both_send(18)
        self.assert_each_came_once(18, members, mixed)
        self.assert_each_came_once(18, others, alone)
        self.assert_each_came_once(18, default, self.topic + ".info")
        for member in members:
            self.assertTrue(member.lines)

    @shows("pools", PYTHON_TO_CPP)
    def test_NLSN_5_what_either_gives_back_either_may_take(self):
        pool = self.topic + "-pool"
        members = [self.gantry_listener("--pool", pool, "--requeue-once"),
                   self.python_listener(pool=pool, requeue_once=True)]
        self.both_send(20)
        self.assert_each_came_once(20, members, pool)

    @shows("pools", CPP_TO_PYTHON)
    def test_NLSN_8_what_a_member_leaves_the_others_get(self):
        pool = self.topic + "-pool"
        leaving = self.enterContext(GANTRY.listen(self.topic, "--pool", pool, "--max", "3"))
        staying = self.python_listener(pool=pool)
        self.both_send(20)
        self.assert_each_came_once(20, [staying, leaving], pool)


def notification(**fields):
    whole = {"message_id": "m", "publisher_id": "p", "event_type": "odd", "priority": "INFO", "payload": {},
             "timestamp": "2026-01-31 12:00:00", "_unique_id": None}
    return {key: value for key, value in (whole | fields).items() if value is not ...}


NOBODY_WANTS = {
    "an empty object": {},
    "no priority": notification(priority=...),
    "priority null": notification(priority=None),
    "a priority that is a number": notification(priority=5),
    "an unknown priority": notification(priority="what???"),
}
TAKEN_AS_IT_IS = {
    "no payload": notification(payload=...),
    "no ids": notification(message_id=..., publisher_id=..., event_type=..., timestamp=...),
    "ids of other kinds": notification(message_id=[1], publisher_id={}, event_type=7, timestamp=None),
    "a payload that is text": notification(payload="no object"),
}


class BadNotifications(NotificationCase):
    depends_on_version = False

    @shows("a bad notification harms only itself", PYTHON_TO_CPP)
    def test_ENV_6_undecodable_ones_are_rejected_among_good_ones(self):
        self.throw_among_good_ones(UNDECODABLE)

    @shows("a bad notification harms only itself", PYTHON_TO_CPP)
    def test_NDSP_9_undecodable_ones_in_a_batch(self):
        self.throw_among_good_ones(UNDECODABLE, "--batch", "5", "--batch-timeout", "100ms")

    @shows("a bad notification harms only itself", PYTHON_TO_CPP)
    def test_ENV_6_other_content_types_are_rejected(self):
        types = ("application/x-python-serialize", "application/x-msgpack", "text/plain")
        self.throw_among_good_ones({each: json.dumps(notification()) for each in types}, type_of=str)

    @shows("a bad notification harms only itself", PYTHON_TO_CPP)
    def test_NDSP_4_those_without_a_known_priority_are_passed_over(self):
        bodies = {name: json.dumps(body) for name, body in NOBODY_WANTS.items()}
        self.throw_among_good_ones(bodies | {name + " (2)": envelope(body) for name, body in bodies.items()})

    @shows("what a notification lacks is left empty", PYTHON_TO_CPP)
    def test_NLSN_4_what_is_missing_or_of_another_kind_is_taken_as_it_is(self):
        listener = self.gantry_listener()
        for body in TAKEN_AS_IT_IS.values():
            self.publish(json.dumps(body), self.topic + ".info")
        seen = listener.notifications(len(TAKEN_AS_IT_IS))
        self.assertEqual([each["payload"] for each in seen], [None, {}, {}, "no object"])
        self.assertEqual(listener.stop(), 0)

    def throw_among_good_ones(self, bodies, *arguments, type_of=lambda name: "application/json"):
        listener = self.gantry_listener(*arguments)
        notifier = self.python_notifier()
        for n, (name, body) in enumerate(bodies.items()):
            self.publish(body, self.topic + ".info", type_of(name))
            notifier.info({}, name, {"n": n})
        # Neither waiting nor unacknowledged: the bad ones are gone for good, and nothing else.
        self.assert_each_came_once(len(bodies), [listener], self.topic + ".info")
        self.assert_fit_for_a_terminal("".join(listener.errors))
