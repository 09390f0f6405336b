# SPDX-License-Identifier: Apache-2.0
"""Apache Kafka as a private broker: one node or several that replicate, each of which can be killed.

scripts/kafka gets the jars. Each run has its own ports and directories, and nothing is left behind.
"""

import base64
import json
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import uuid

import kafka_wire
from beside import BrokerError, die_with_parent, free_ports

JARS = pathlib.Path(__file__).parents[2] / ".cache/kafka"
# A small heap and the quick compiler: it starts in a third of the time.
JAVA = ["java", "-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.network.Selector=info",  # it tells of refused logins
        "-cp", f"{JARS}/*"]
PATIENCE_SECONDS = 180
REPLICAS = 3


def missing():
    """Why there is none; nothing where it can be run."""
    if shutil.which("java") is None:
        return "Java is not installed; install the package openjdk-17-jre-headless"
    if not (JARS / "installed.xml").exists():
        return "no registry: Apache Kafka is not in .cache/kafka; scripts/kafka gets it where Maven's registry can be reached"
    return ""


def new_cluster_id():
    """A UUID as Kafka writes it, which does not begin like an option."""
    first, *rest = uuid.uuid4().bytes
    return base64.urlsafe_b64encode(bytes([first & 0x7F, *rest])).decode().rstrip("=")


class Node:
    """One process, broker and controller. Its number begins with 1."""

    def __init__(self, number, ports, directory):
        self.number = number
        self.port, self.controller_port, self.proxied_port = ports
        self.directory = directory
        self.process = None

    def prepare(self, settings, cluster_id, options):
        """Starts to write what a node has before its first start; the process that does it."""
        self.directory.mkdir()
        lines = "".join(f"{name}={value}\n" for name, value in settings.items())
        (self.directory / "server.properties").write_text(lines)
        return self._run("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", "server.properties", *options)

    def start(self):
        self.process = self._run("kafka.Kafka", "server.properties")

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """SIGKILL, as a power cut would; what it wrote stays."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def output(self):
        lines = (self.directory / "output").read_text(errors="replace").splitlines()
        return "\n".join(lines[-40:])

    def _run(self, *command):
        with open(self.directory / "output", "ab") as output:
            return subprocess.Popen([*JAVA, *command], cwd=self.directory, stdin=subprocess.DEVNULL, stdout=output,
                                    stderr=output, start_new_session=True, preexec_fn=die_with_parent)


class RealKafka:
    """With three nodes each partition is on all of them, and two have a record before it is confirmed."""

    storage_options = ()  # of the program that makes a node's storage

    def __init__(self, nodes=1, proxy=None):
        """proxy: what passes connections on to a single node. Who begins with the proxy's port stays behind it,
        though Kafka tells its clients where to connect to."""
        self.count = nodes
        self.proxy = proxy
        self.nodes = []
        self.directory = None

    def __enter__(self):
        """A port found free may be taken before the node binds it; so a failed start is tried again."""
        for attempts_left in (2, 1, 0):
            try:
                self._start()
                return self
            except BrokerError:
                self.__exit__()
                if attempts_left == 0:
                    raise
            except BaseException:
                self.__exit__()
                raise

    def __exit__(self, *_):
        for node in self.nodes:
            node.kill()
        self.nodes = []
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)
            self.directory = None

    @property
    def url(self):
        return "kafka://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes) + "/"

    @property
    def pids(self):
        return [node.process.pid for node in self.nodes]

    def node(self, number):
        return self.nodes[number - 1]

    def stored(self, topic):
        """What a single node's files have of a topic, as Kafka's own tool reads them: partition, offset, value."""
        return [(int(directory.name.rpartition("-")[2]), offset, value)
                for directory in self._log_directories(f"{topic}-[0-9]*")
                for offset, value in self._dumped(directory, r"\boffset: (\d+) .*\bpayload: (.*)")]

    def committed(self, group, topic):
        """The positions of a group in the partitions of a topic, as a single node's files have them."""
        positions = {}
        for directory in self._log_directories("__consumer_offsets-[0-9]*"):
            for key, value in self._dumped(directory, r"\bkey: (.*) payload: (.*)", "--offsets-decoder"):
                of = json.loads(key)["data"]
                if (of.get("group"), of.get("topic")) == (group, topic) and value != "<DELETE>":
                    positions[of["partition"]] = json.loads(value)["data"]["offset"]
        return positions

    def leader(self, topic, partition=0):
        """The node that leads a partition; the topic is made where there is none."""
        return self._leader(topic, partition, among={node.number for node in self.nodes})

    def await_new_leader(self, topic, lost, partition=0):
        """The node that leads it once the lost one does not."""
        return self._leader(topic, partition, among={node.number for node in self.nodes if node is not lost})

    def restart(self, number):
        """The killed node again, on the same port with what it had; until the others know it."""
        self.node(number).start()
        self.await_nodes()

    def await_nodes(self):
        """Until those that run all know each other."""
        self._until(lambda: all(self._alive() <= set(kafka_wire.brokers(self.node(each).port))
                                for each in self._alive()))

    def await_in_sync(self):
        """Until each partition is up to date on each node that has it, so that any of them may be killed."""
        self._until(lambda: all(sorted(each.in_sync) == sorted(each.replicas)
                                for each in kafka_wire.topics(self._any_port()) for each in each.partitions))

    def _log_directories(self, pattern):
        return sorted((self.node(1).directory / "data").glob(pattern))

    def _dumped(self, directory, line, *options):
        """What the groups of `line` match of each record in one partition's files."""
        files = ",".join(str(file) for file in sorted(directory.glob("*.log")))
        tool = [*JAVA, "kafka.tools.DumpLogSegments", "--files", files, "--print-data-log", *options]
        output = subprocess.run(tool, check=True, capture_output=True, text=True, timeout=PATIENCE_SECONDS).stdout
        return [(first if not first.isdigit() else int(first), second)
                for first, second in re.findall(f"^\\| .*{line}$", output, re.MULTILINE)]

    def _leader(self, topic, partition, among):
        """As those among whom it is sought know it, of whom one answers."""
        def number():
            asked = self.node(min(among & self._alive()))
            led_by = kafka_wire.topic(asked.port, topic).leaders.get(partition)
            return led_by if led_by in among else None
        return self.node(self._until(number))

    def _start(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="gantry-kafka-"))
        ports = free_ports(3 * self.count)
        self.nodes = [Node(number, ports[3 * number - 3:3 * number], self.directory / str(number))
                      for number in range(1, self.count + 1)]
        if self.proxy is not None:
            self.proxy.target_port = self.node(1).proxied_port
        self._prepare(new_cluster_id())
        for node in self.nodes:
            node.start()
        self.await_nodes()

    def _prepare(self, cluster_id):
        """Side by side, for each of them is a Java program of its own."""
        for node, process in [(node, node.prepare(self._settings(node), cluster_id, self.storage_options))
                              for node in self.nodes]:
            if process.wait() != 0:
                raise BrokerError(f"the storage of node {node.number} could not be made\n{node.output()}")

    def _settings(self, node):
        replicas = min(self.count, REPLICAS)
        in_sync = 2 if replicas == REPLICAS else 1
        voters = ",".join(f"{each.number}@127.0.0.1:{each.controller_port}" for each in self.nodes)
        return {
            "process.roles": "broker,controller",
            "node.id": node.number,
            "controller.quorum.voters": voters,
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT",
            **self._listeners(node),
            "log.dirs": node.directory / "data",
            "num.partitions": 4,  # as the mock has
            "default.replication.factor": replicas,
            "min.insync.replicas": in_sync,
            "offsets.topic.num.partitions": 1,
            "offsets.topic.replication.factor": replicas,
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            # A killed node is noticed after this long and others lead in its place.
            "broker.session.timeout.ms": 9000 if self.count == 1 else 4000,
            "broker.heartbeat.interval.ms": 500,
            "num.io.threads": 2,
            "log.cleaner.dedupe.buffer.size": 4 * 1024 * 1024,
        }

    def _listeners(self, node):
        own = f"PLAINTEXT://127.0.0.1:{node.port}"
        controller = f"CONTROLLER://127.0.0.1:{node.controller_port}"
        if self.proxy is None:
            return {"listeners": f"{own},{controller}"}
        return {"listeners": f"{own},{controller},PROXIED://127.0.0.1:{node.proxied_port}",
                "advertised.listeners": f"{own},PROXIED://{self.proxy.host}"}

    def _alive(self):
        return {node.number for node in self.nodes if node.alive()}

    def _any_port(self):
        return self.node(min(self._alive())).port

    def _until(self, holds):
        """What `holds` returns once that is true; an OSError is a node that does not answer yet."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        expected = self._alive()
        while True:
            try:
                if result := holds():
                    return result
            except OSError:
                pass
            for number in expected - self._alive():
                raise BrokerError(f"node {number} exited\n{self.node(number).output()}")
            if time.monotonic() > deadline:
                outputs = "\n".join(node.output() for node in self.nodes)
                raise BrokerError(f"waited in vain for {PATIENCE_SECONDS} s\n{outputs}")
            time.sleep(0.05)
