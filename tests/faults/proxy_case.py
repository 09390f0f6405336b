# SPDX-License-Identifier: Apache-2.0
from fault_case import QUICK, FaultCase, Load, hosts_url
from faulty_broker import FaultyBroker
from tcp_proxy import Proxy


class ProxyCase(FaultCase):
    """A proxy between the driver and a broker that stays well."""

    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(FaultyBroker())

    def setUp(self):
        self.proxy = self.enterContext(Proxy(self.broker.port))

    def url(self, *hosts, query=QUICK):
        return hosts_url(*hosts or [self.proxy.host], query=query)

    def load(self, verb, **settings):
        settings = dict(server_url=self.broker.url, client_url=self.url(), verb=verb,
                        topic=self.topic()) | settings
        return Load(**settings)
