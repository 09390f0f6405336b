# SPDX-License-Identifier: Apache-2.0
"""A record that cannot be read harms only itself: those beside it in the partition are handed out."""

import oslo
from envelopes import UNDECODABLE, envelope
from kafka_case import KafkaCase, url

FOREIGN = UNDECODABLE | {
    "no value": None,
    "an empty value": "",
    "no context": envelope({"priority": "INFO", "payload": {}}),
    "a context that is null": envelope({"priority": "INFO", "payload": {}, "_context": None}),
    "an empty object in its envelope": envelope({}),
    "an empty object": "{}",
}
# Python's takes these as well.
WITHOUT_A_KNOWN_PRIORITY = {
    "no priority": envelope({"payload": {}, "_context": {}}),
    "a priority that is a number": envelope({"priority": 5, "payload": {}, "_context": {}}),
    "an unknown priority": envelope({"priority": "what???", "payload": {}, "_context": {}}),
}


class BadRecords(KafkaCase):
    depends_on_version = False

    def test_K10_those_beside_it_are_handed_out(self):
        self.throw_among_good_ones(FOREIGN)

    def test_K10_those_in_its_batch_are_handed_out(self):
        self.throw_among_good_ones(FOREIGN, "--batch", "5", "--batch-timeout", "100ms")

    def test_NDSP_4_those_without_a_known_priority_are_passed_over(self):
        self.throw_among_good_ones(WITHOUT_A_KNOWN_PRIORITY)

    def throw_among_good_ones(self, bodies, *arguments):
        topic = f"{self.topic}.info"
        good = self.written_by_python()
        values = [value for bad in bodies.values() for value in (good, bad)] + [good]
        self.raw.write(topic, values, partition=0)
        listener = self.gantry_listener("--priority", "info", *arguments)
        for each in listener.notifications(len(bodies) + 1):
            self.assertEqual(each["payload"], {"good": "ü"})
        self.assertEqual(listener.stop(), 0, listener.errors)
        self.assertEqual(len(listener.lines), len(bodies) + 1)
        self.assert_nothing_left()
        self.assert_fit_for_a_terminal("".join(listener.errors))

    def written_by_python(self):
        """A record's value, of another topic."""
        topic = f"{self.topic}-template"
        transport = oslo.open_notification_transport(url())
        oslo.notifier(transport, topic).info({}, "good", {"good": "ü"})
        transport.cleanup()  # sends all that is under way
        return self.raw.records(f"{topic}.info")[0].value
