#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command beside a private RabbitMQ broker that speaks TLS: rabbit_tls.py -- COMMAND...

As rabbit_broker.py, whose variables it sets. GANTRY_TEST_TLS_FILES is a directory of certificates (certificates.py),
GANTRY_TEST_TLS_PORT_BROKER the broker's own TLS port, with the certificate of localhost, and
GANTRY_TEST_TLS_PORT_name are those of tls_relay.py.
"""

import pathlib
import shutil
import sys
import tempfile

import certificates
import rabbit_broker
import tls_relay


class TlsBroker(rabbit_broker.Broker):
    """It knows those who have a certificate by that, and takes others as well."""

    plugins = ("rabbitmq_auth_mechanism_ssl",)

    def __init__(self, files):
        super().__init__()
        self.files = files

    def _configuration(self):
        self.tls_port, = rabbit_broker.free_ports(1)
        return super()._configuration() + (
            f"listeners.ssl.1 = 127.0.0.1:{self.tls_port}\n"
            f"ssl_options.cacertfile = {self.files.pem('ca')}\n"
            f"ssl_options.certfile = {self.files.pem('localhost')}\n"
            f"ssl_options.keyfile = {self.files.key('localhost')}\n"
            "ssl_options.verify = verify_peer\n"
            "ssl_options.fail_if_no_peer_cert = false\n"
            "ssl_cert_login_from = common_name\n"
            "auth_mechanisms.1 = PLAIN\n"
            "auth_mechanisms.2 = AMQPLAIN\n"
            "auth_mechanisms.3 = EXTERNAL\n"
        )


def run_with_tls(command):
    with tempfile.TemporaryDirectory(prefix="gantry-tls-") as directory:
        files = certificates.Certificates(pathlib.Path(directory))
        with TlsBroker(files) as broker, tls_relay.Relays(files, broker.port) as relays:
            ports = {"broker": broker.tls_port} | relays.ports
            return rabbit_broker.run_beside(
                broker, command,
                {"GANTRY_TEST_TLS_FILES": directory} |
                {f"GANTRY_TEST_TLS_PORT_{name.upper()}": str(port) for name, port in ports.items()})


if __name__ == "__main__":
    if shutil.which("openssl") is None:
        print("SKIPPED: the openssl command is not installed; install the package openssl", file=sys.stderr)
        sys.exit(rabbit_broker.EXIT_SKIPPED)
    sys.exit(rabbit_broker.main(sys.argv[1:], __doc__, run_with_tls))
