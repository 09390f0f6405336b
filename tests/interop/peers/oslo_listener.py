#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A notification listener on oslo.messaging: oslo_listener.py URL TOPIC [--pool P]

Says `listening to TOPIC` on standard error once subscribed. Then prints a JSON object a notification, as
`gantry listen --json` does; SIGTERM ends it.
"""

import argparse
import signal
import sys

import oslo
import oslo_endpoints


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("topic")
    parser.add_argument("--pool")
    arguments = parser.parse_args()
    stop = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)  # the listener's threads inherit it

    def tell(line):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def say(line):
        print(line, file=sys.stderr, flush=True)

    listener = oslo.notification_listener(
        oslo.open_notification_transport(arguments.url), arguments.topic,
        oslo_endpoints.notification_endpoint(tell, say), arguments.pool)
    listener.start()
    say(f"listening to {arguments.topic}")
    signal.sigwait(stop)
    listener.stop()
    listener.wait()


if __name__ == "__main__":
    main()
