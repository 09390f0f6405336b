#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A notifier on oslo.messaging: oslo_notifier.py URL TOPIC COUNT [FIRST [DRIVER [PUBLISHER]]]

Sends COUNT notifications whose payloads are numbered from FIRST, one after the other, and prints
`sent COUNT`.
"""

import sys

import oslo


def main(url, topic, count, first="0", driver="messagingv2", publisher="python"):
    transport = oslo.open_notification_transport(url)
    notifier = oslo.notifier(transport, topic, publisher, driver)
    for n in range(int(first), int(first) + int(count)):
        notifier.info({}, "interop.counted", {"n": n})
    transport.cleanup()
    print(f"sent {count}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
