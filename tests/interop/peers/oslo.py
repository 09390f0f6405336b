# SPDX-License-Identifier: Apache-2.0
"""oslo.messaging set up as a service sets it up; what the Python peers share."""

import oslo_messaging
from oslo_config import cfg


def open_transport(url, allowed_remote_exmods=()):
    # The global cfg.CONF it must be: the RPC client looks for its metrics options in no other.
    cfg.CONF([], project="gantry-peer", default_config_files=[])
    return oslo_messaging.get_rpc_transport(
        cfg.CONF, url=url, allowed_remote_exmods=list(allowed_remote_exmods))


def rpc_client(transport, topic, **target):
    return oslo_messaging.get_rpc_client(transport, oslo_messaging.Target(topic=topic, **target))


def rpc_server(transport, topic, server, endpoints, exchange=None):
    target = oslo_messaging.Target(topic=topic, server=server, exchange=exchange)
    return oslo_messaging.get_rpc_server(transport, target, endpoints, executor="threading")
