#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An RPC server on oslo.messaging: oslo_server.py URL TOPIC SERVER

Prints `serving TOPIC on SERVER` once subscribed, then one JSON object a request; SIGTERM ends it.
"""

import signal
import sys

import oslo
import oslo_endpoints


def main(url, topic, name):
    stop = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)  # the server's threads inherit it

    def tell(line):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    server = oslo.rpc_server(oslo.open_transport(url), topic, name, oslo_endpoints.methods(name, tell))
    server.start()
    tell(f"serving {topic} on {name}")
    signal.sigwait(stop)
    server.stop()
    server.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
