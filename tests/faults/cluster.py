# SPDX-License-Identifier: Apache-2.0
"""Three brokers of this machine that make one cluster, each of which can be killed."""

import os
import pathlib
import secrets
import subprocess
import tempfile
import time

from faulty_broker import FaultyBroker, rabbit_broker, run

NODES = 3


class ClusterNode(FaultyBroker):
    """Knows the others by name before any of them runs."""

    def __init__(self, name, names, epmd_port, cookie):
        super().__init__()
        self.name, self.names = name, names
        self.epmd_port, self.cookie = epmd_port, cookie

    def start(self):
        """Without waiting: each of them wants the others to come up."""
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="gantry-rabbit-"))
        self.port, distribution_port = rabbit_broker.free_ports(2)
        node = self._node_environment(self.epmd_port)
        self._write_files(node)
        self._command = [str(rabbit_broker.PROGRAMS / "rabbitmq-server")]
        self._spawn(self._command, self._server_environment(node, distribution_port))

    def await_start(self):
        self._await_start()

    def await_spare(self):
        """Until no queue would lose its majority with this node."""
        run([str(rabbit_broker.PROGRAMS / "rabbitmq-upgrade"), "-q", "await_online_quorum_plus_one"],
            self._environment)

    def _node_environment(self, epmd_port):
        return super()._node_environment(epmd_port) | {"RABBITMQ_NODENAME": self.name}

    def _write_files(self, node):
        super()._write_files(node)
        cookie = self.directory / ".erlang.cookie"
        cookie.unlink()
        cookie.write_text(self.cookie)
        cookie.chmod(0o400)
        with open(self.directory / "rabbitmq.conf", "a", encoding="utf-8") as settings:
            settings.write("cluster_formation.peer_discovery_backend = classic_config\n")
            for number, name in enumerate(self.names, 1):
                settings.write(f"cluster_formation.classic_config.nodes.{number} = {name}\n")


class Cluster:
    def __enter__(self):
        [epmd_port] = rabbit_broker.free_ports(1)
        names = [f"gantry-{secrets.token_hex(6)}@localhost" for _ in range(NODES)]
        cookie = secrets.token_hex(16)
        self.nodes = [ClusterNode(name, names, epmd_port, cookie) for name in names]
        self._epmd = subprocess.Popen(["epmd", "-port", str(epmd_port), "-address", "127.0.0.1"], stdin=subprocess.DEVNULL,
                                      env=dict(os.environ), preexec_fn=rabbit_broker.die_with_parent)
        try:
            for node in self.nodes:
                node.__enter__()
            for node in self.nodes:
                node.await_start()
            self._check()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            node.stop()
        self._epmd.kill()
        self._epmd.wait()

    @property
    def hosts(self):
        return [f"127.0.0.1:{node.port}" for node in self.nodes]

    def _check(self):
        status = self.nodes[0].ctl("cluster_status", "--formatter", "json")
        if any(status.count(node.name) < 2 for node in self.nodes):
            raise rabbit_broker.BrokerError(f"the nodes made no cluster: {status}")
