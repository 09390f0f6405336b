# SPDX-License-Identifier: Apache-2.0
"""The members of a group share its records, whatever they are written in; each group has a copy."""

from kafka_case import KafkaCase
from lines import PATIENCE_SECONDS, Lines

COUNT = 40


def numbers(listener):
    return [each["payload"]["n"] for each in listener.all() if each["event_type"] == "count"]


class Pools(KafkaCase):
    # The mock takes a session for each that joins, which is 45 s with Python's.
    needs_real = True

    def test_NLSN_8_each_once_in_a_mixed_pool_and_a_copy_for_each_pool(self):
        mixed, alone = self.topic + "-mixed", self.topic + "-alone"
        self.begin(mixed)
        members = [self.gantry_listener("--priority", "info", "--pool", mixed), self.python_listener(pool=mixed)]
        others = [self.gantry_listener("--priority", "info", "--pool", alone)]
        self.wait_until_all_have_a_share(members)
        self.both_send()
        self.assert_each_came_once(members, mixed)
        self.assert_each_came_once(others, alone)

    def test_WIRE_12_2_consumer_group_is_the_group_of_those_without_a_pool(self):
        shared, other = self.topic + "-shared", self.topic + "-other"
        self.begin(shared)
        members = [self.gantry_listener("--priority", "info", consumer_group=shared),
                   self.python_listener(consumer_group=shared)]
        others = [self.python_listener(consumer_group=other)]
        self.wait_until_all_have_a_share(members)
        self.both_send()
        self.assert_each_came_once(members, shared)
        self.assert_each_came_once(others, other)

    def test_NLSN_8_a_member_joins_those_of_python(self):
        """As when one service of many is replaced by one in C++."""
        pool = self.topic + "-pool"
        members = [self.python_listener(pool=pool)]
        members.append(self.gantry_listener("--priority", "info", "--pool", pool))
        self.wait_until_all_have_a_share(members)
        self.both_send()
        self.assert_each_came_once(members, pool)

    def test_NLSN_8_what_a_member_leaves_the_others_get(self):
        pool = self.topic + "-pool"
        self.begin(pool)
        leaving = self.gantry_listener("--priority", "info", "--pool", pool)
        staying = self.python_listener(pool=pool)
        self.wait_until_all_have_a_share([leaving, staying])
        self.assertEqual(leaving.stop(), 0, leaving.errors)
        self.both_send()
        self.assert_each_came_once([staying], pool)

    def wait_until_all_have_a_share(self, listeners):
        """A group needs a while to form. What is sent until then may come twice."""
        notifier = self.python_notifier("warm")
        for n in range(PATIENCE_SECONDS):
            notifier.info({}, "warm", {"n": n})
            with Lines.changed:
                if Lines.changed.wait_for(lambda: all(each.lines for each in listeners), 1):
                    return
        self.fail(f"not all have a share: {[[each.lines[-5:], list(each.errors)] for each in listeners]}")

    def both_send(self):
        """Numbered notifications, by turns from Python and from gantry, of several publishers each."""
        notifier = self.python_notifier()
        for n in range(COUNT):
            if n % 2:
                notifier.info({}, "count", {"n": n})
            else:
                self.notify(f"n:={n}", "--event", "count", "--publisher", f"host-{n}")

    def assert_each_came_once(self, listeners, group):
        """Among all the listeners, and nothing is left to come."""
        self.wait_for_all(listeners, lambda: sum(len(numbers(each)) for each in listeners) >= COUNT)
        for each in listeners:
            self.assertEqual(each.stop(), 0, each.errors)
        self.assertCountEqual([n for each in listeners for n in numbers(each)], range(COUNT))
        self.assert_nothing_left(group)
