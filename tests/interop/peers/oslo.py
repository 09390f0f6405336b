# SPDX-License-Identifier: Apache-2.0
"""oslo.messaging set up as a service sets it up; what the Python peers share."""

import oslo_messaging
from oslo_config import cfg


class RequestContextSerializer(oslo_messaging.NoOpSerializer):
    """As a service has one: its context is an object of oslo.context, on the bus it is a dict. Keeps the last."""

    def serialize_context(self, context):
        self.sent = context.to_dict()
        return self.sent


def open_transport(url, allowed_remote_exmods=()):
    # The global cfg.CONF it must be: the RPC client looks for its metrics options in no other.
    cfg.CONF([], project="gantry-peer", default_config_files=[])
    return oslo_messaging.get_rpc_transport(
        cfg.CONF, url=url, allowed_remote_exmods=list(allowed_remote_exmods))


def rpc_client(transport, topic, at_least_once=False, **target):
    return oslo_messaging.get_rpc_client(
        transport, oslo_messaging.Target(topic=topic, **target),
        transport_options=oslo_messaging.TransportOptions(at_least_once=at_least_once))


def rpc_server(transport, topic, server, endpoints, exchange=None):
    target = oslo_messaging.Target(topic=topic, server=server, exchange=exchange)
    return oslo_messaging.get_rpc_server(transport, target, endpoints, executor="threading")


def open_notification_transport(url):
    cfg.CONF([], project="gantry-peer", default_config_files=[])
    return oslo_messaging.get_notification_transport(cfg.CONF, url=url)


def notifier(transport, topic, publisher_id="python", driver="messagingv2", serializer=None):
    return oslo_messaging.Notifier(transport, publisher_id, driver=driver, topics=[topic], serializer=serializer)


def notification_listener(transport, topic, endpoint, pool=None, batch=None, allow_requeue=False):
    target = oslo_messaging.Target(topic=topic)
    if batch is None:
        return oslo_messaging.get_notification_listener(
            transport, [target], [endpoint], executor="threading", pool=pool, allow_requeue=allow_requeue)
    return oslo_messaging.get_batch_notification_listener(
        transport, [target], [endpoint], executor="threading", pool=pool, allow_requeue=allow_requeue,
        batch_size=batch, batch_timeout=1)
