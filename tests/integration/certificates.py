# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests, made by the openssl command: authorities, servers that are what they say or not, clients."""

import pathlib
import subprocess

DAYS = "2"



class Certificates:
    """PEM files in one directory: NAME.pem and NAME.key."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self._authority("ca")
        self._authority("other_ca")
        self._issue("localhost", "ca", "DNS:localhost")
        self._issue("address", "ca", "IP:127.0.0.1")
        self._issue("wrong", "ca", "DNS:wrong.example")
        self._issue("expired", "ca", "DNS:localhost", days="-1")
        self._issue("stranger", "other_ca", "DNS:localhost")
        # The broker's own user: whoever has this certificate logs in as that one.
        self._issue("client", "ca", "DNS:client.example", subject="/CN=guest", usage="clientAuth")
        self._issue("strange_client", "other_ca", "DNS:client.example", subject="/CN=guest", usage="clientAuth")
        self._openssl("pkey", "-in", self.key("client"), "-out", self.key("locked"), "-aes128", "-passout", "pass:x")

    def pem(self, name):
        return str(self.directory / f"{name}.pem")

    def key(self, name):
        return str(self.directory / f"{name}.key")

    def _authority(self, name):
        self._new_key(name)
        self._openssl("req", "-x509", "-new", "-key", self.key(name), "-out", self.pem(name), "-subj", f"/CN=Test {name}",
                      "-days", DAYS)

    def _issue(self, name, authority, names, subject=None, usage="serverAuth", days=DAYS):
        self._new_key(name)
        request = self._openssl("req", "-new", "-key", self.key(name), "-subj", subject or f"/CN=Test {name}")
        extensions = self.directory / f"{name}.ext"
        extensions.write_text(f"subjectAltName={names}\nextendedKeyUsage={usage}\n")
        self._openssl("x509", "-req", "-CA", self.pem(authority), "-CAkey", self.key(authority), "-CAcreateserial",
                      "-out", self.pem(name), "-days", days, "-extfile", extensions, stdin=request)

    def _new_key(self, name):
        self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.key(name))

    @staticmethod
    def _openssl(*arguments, stdin=None):
        return subprocess.run(["openssl", *map(str, arguments)], input=stdin, check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE).stdout
