#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command beside a private Apache Kafka that wants TLS and logins: kafka_secure.py -- COMMAND...

As kafka_broker.py --real, whose variables it sets. GANTRY_TEST_TLS_FILES is a directory of certificates
(certificates.py), GANTRY_TEST_TLS_PORT_name the ports of LISTENERS, and GANTRY_TEST_KAFKA_LOG is what the broker prints,
which tells of each login that it refused. The user of all mechanisms is USER.
"""

import dataclasses
import pathlib
import shutil
import sys
import tempfile

import beside
import certificates
import kafka_broker
import real_kafka

USER, PASSWORD = "ada", "c4n4ry-7d1e"
MECHANISMS = {"PLAIN": "plain.PlainLoginModule", "SCRAM-SHA-256": "scram.ScramLoginModule",
              "SCRAM-SHA-512": "scram.ScramLoginModule"}


@dataclasses.dataclass
class Listener:
    protocol: str
    certificate: str = ""
    host: str = "localhost"
    wants_client: bool = False


LISTENERS = {
    "clear": Listener("SASL_PLAINTEXT"),
    "login": Listener("SASL_SSL", "localhost"),
    "broker": Listener("SSL", "localhost"),
    "address": Listener("SSL", "address", host="127.0.0.1"),
    "demanding": Listener("SSL", "localhost", wants_client=True),
    "wrong": Listener("SSL", "wrong"),
    "expired": Listener("SSL", "expired"),
    "stranger": Listener("SSL", "stranger"),
}


class SecureKafka(real_kafka.RealKafka):
    """One node, which speaks to itself in the clear."""

    storage_options = [word for mechanism in MECHANISMS if mechanism.startswith("SCRAM")
                       for word in ("--add-scram", f"{mechanism}=[name={USER},password={PASSWORD}]")]

    def __init__(self, files):
        super().__init__()
        self.files = files
        self.ports = {}

    @property
    def log(self):
        return self.node(1).directory / "output"

    def _settings(self, node):
        self.ports = dict(zip(LISTENERS, beside.free_ports(len(LISTENERS))))
        settings = super()._settings(node)
        places = {name: f"{name.upper()}://{each.host}:{self.ports[name]}" for name, each in LISTENERS.items()}
        settings["advertised.listeners"] = ",".join([f"PLAINTEXT://127.0.0.1:{node.port}", *places.values()])
        settings["listeners"] += "".join(f",{name.upper()}://127.0.0.1:{port}" for name, port in self.ports.items())
        settings["listener.security.protocol.map"] += "".join(
            f",{name.upper()}:{each.protocol}" for name, each in LISTENERS.items())
        settings["inter.broker.listener.name"] = "PLAINTEXT"
        for name, each in LISTENERS.items():
            options = self._tls(each) | self._logins(each)
            settings |= {f"listener.name.{name}.{option}": value for option, value in options.items()}
        return settings

    def _tls(self, listener):
        if not listener.certificate:
            return {}
        return {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self._key_store(listener.certificate),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.files.pem("ca"),
            "ssl.client.auth": "required" if listener.wants_client else "none",
        }

    def _logins(self, listener):
        if not listener.protocol.startswith("SASL"):
            return {}
        modules = {f"{mechanism.lower()}.sasl.jaas.config": f"org.apache.kafka.common.security.{module} required"
                   for mechanism, module in MECHANISMS.items()}
        modules["plain.sasl.jaas.config"] += f' user_{USER}="{PASSWORD}"'
        return {option: f"{value};" for option, value in modules.items()} | {
            "sasl.enabled.mechanisms": ",".join(MECHANISMS)}

    def _key_store(self, name):
        """The key and its certificate in one file, as Kafka wants them."""
        store = self.files.directory / f"{name}.store.pem"
        store.write_text("".join(pathlib.Path(part).read_text() for part in (self.files.key(name), self.files.pem(name))))
        return store


def run_with_logins(command):
    with tempfile.TemporaryDirectory(prefix="gantry-tls-") as directory:
        with SecureKafka(certificates.Certificates(directory)) as broker:
            return beside.run(command, {
                "GANTRY_TEST_KAFKA": broker.url,
                "GANTRY_TEST_KAFKA_LOG": str(broker.log),
                "GANTRY_TEST_TLS_FILES": directory,
            } | {f"GANTRY_TEST_TLS_PORT_{name.upper()}": str(port) for name, port in broker.ports.items()})


def main(words):
    if words[:1] != ["--"] or len(words) == 1:
        print(__doc__.splitlines()[0], file=sys.stderr)
        return 2
    if shutil.which("openssl") is None:
        return kafka_broker.skip("the openssl command is not installed; install the package openssl")
    if reason := real_kafka.missing():
        return kafka_broker.skip(reason)
    return beside.until_signalled(lambda: run_with_logins(words[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
