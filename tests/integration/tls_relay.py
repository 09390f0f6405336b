# SPDX-License-Identifier: Apache-2.0
"""Ports with certificates that a broker would not have: each takes TLS off and hands on to the broker's plain port."""

import contextlib
import select
import socket
import ssl
import threading


def server_context(certificates, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.pem(name), certificates.key(name))
    return context


def by_server_name(certificates):
    """Shows the certificate of localhost to whoever asks for that name, and another to all others."""
    named = server_context(certificates, "localhost")
    context = server_context(certificates, "wrong")

    def choose(connection, server_name, _):
        if server_name == "localhost":
            connection.context = named

    context.sni_callback = choose
    return context


def outdated(certificates):
    """TLS 1.1 and no later one."""
    context = server_context(certificates, "localhost")
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1_1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def of_version(certificates, version):
    context = server_context(certificates, "localhost")
    context.minimum_version = context.maximum_version = version
    return context


def demanding(certificates, version):
    """Nobody comes in without a certificate."""
    context = of_version(certificates, version)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificates.pem("ca"))
    return context


def contexts(certificates):
    return {
        "address": server_context(certificates, "address"),
        "wrong": server_context(certificates, "wrong"),
        "expired": server_context(certificates, "expired"),
        "stranger": server_context(certificates, "stranger"),
        "named": by_server_name(certificates),
        "tls1_1": outdated(certificates),
        "tls1_2": of_version(certificates, ssl.TLSVersion.TLSv1_2),
        "demanding1_2": demanding(certificates, ssl.TLSVersion.TLSv1_2),
        "demanding1_3": demanding(certificates, ssl.TLSVersion.TLSv1_3),
    }


def copy_both_ways(tls, plain):
    """Until one of them ends. By one thread: two must not use a TLS connection at a time."""
    while True:
        readable = [tls] if tls.pending() else select.select([tls, plain], [], [])[0]
        for source, sink in ((tls, plain), (plain, tls)):
            if source in readable:
                data = source.recv(1 << 16)
                if not data:
                    return
                sink.sendall(data)


class Relays:
    """The ports by name, each served by a thread until the scope ends."""

    def __init__(self, certificates, broker_port):
        self.broker_port = broker_port
        self.listeners = {}
        for name, context in contexts(certificates).items():
            self.listeners[name] = socket.create_server(("127.0.0.1", 0))
            threading.Thread(target=self._accept, args=(self.listeners[name], context), daemon=True).start()

    @property
    def ports(self):
        return {name: listener.getsockname()[1] for name, listener in self.listeners.items()}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for listener in self.listeners.values():
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener, context):
        with contextlib.suppress(OSError):  # the end of the scope
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=self._relay, args=(connection, context), daemon=True).start()

    def _relay(self, connection, context):
        with contextlib.suppress(OSError), connection:  # a handshake that fails is what some tests want
            with context.wrap_socket(connection, server_side=True) as tls:
                with socket.create_connection(("127.0.0.1", self.broker_port)) as plain:
                    copy_both_ways(tls, plain)
