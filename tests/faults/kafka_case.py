# SPDX-License-Identifier: Apache-2.0
"""What the cases of Kafka have in common: its brokers, mock and real, and loads beside them."""

import pathlib
import re
import sys
import threading
import unittest

import frames
from fault_case import FaultCase
from load import Load
from tcp_proxy import Proxy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
import mock_kafka  # noqa: E402
import real_kafka  # noqa: E402

PATIENCE_SECONDS = 120
GROUP = "oslo_messaging_consumer"  # of those who name none


def mock_query(session_timeout=4):
    """The mock takes about a session for each member that joins, and keeps a fetch that finds nothing until its time
    ends."""
    return f"?session_timeout={session_timeout}&kafka_consumer_timeout=0.05"


class KafkaCase(FaultCase):
    def load(self, url, verb, **settings):
        settings = dict(server_url=url, client_url=url, verb=verb, topic=self.topic(), settle_ms=60000) | settings
        return Load(**settings)


class MockCase(KafkaCase):
    BROKERS = 1

    @classmethod
    def setUpClass(cls):
        if not mock_kafka.installed():
            raise unittest.SkipTest("gantry-dev-kafka is not built")
        cls.broker = cls.enterClassContext(mock_kafka.MockKafka(cls.BROKERS))
        cls.url = cls.broker.url + mock_query()


class RealCase(KafkaCase):
    """A node, and a proxy before it for those who want one."""

    @classmethod
    def setUpClass(cls):
        if reason := real_kafka.missing():
            raise unittest.SkipTest(reason)
        cls.proxy = cls.enterClassContext(Proxy(target_port=0, protocol=frames.kafka))
        cls.broker = cls.enterClassContext(real_kafka.RealKafka(proxy=cls.proxy))
        cls.url = cls.broker.url

    def whereabouts(self, load, report):
        """Whether the broker has lost it, or it was never read."""
        if not report["missed"] or load.settings["verb"] != "notify":
            return ""
        topic = f"{load.settings['topic']}.info"
        places = {int(re.search(r'\\"id\\": ?(\d+)', value)[1]): f"{partition}@{offset}"
                  for partition, offset, value in self.broker.stored(topic)}
        missed = ", ".join(f"{number}: {places.get(number, 'not in the log')}" for number in report["missed"])
        positions = self.broker.committed(GROUP, topic)
        return f"the broker has, at partition@offset: {missed}; the group's positions: {positions}"


class Elsewhere:
    """Tells a load what a server in another process, a load of count=0, gets of its messages."""

    def __init__(self, server, load):
        self.count = 0
        self._load = load
        self._changed = threading.Condition()
        server.on_delivered = self._on_delivered

    def wait(self, number):
        """Until so many have arrived there in all."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.count >= number, PATIENCE_SECONDS):
                raise AssertionError(f"{self.count} messages arrived instead of {number}")

    def _on_delivered(self, number):
        self._load.delivered(number)
        with self._changed:
            self.count += 1
            self._changed.notify_all()
