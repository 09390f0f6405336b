# SPDX-License-Identifier: Apache-2.0
"""oslo.messaging's servers and listeners in the test's own process, told of as those in processes are."""

import json
import threading

import oslo
import oslo_endpoints
from lines import Lines


class PythonPeer(Lines):
    """Runs while it is entered. Newer versions take a second to stop, so a test does not wait for that."""

    ending = []  # threads

    def __enter__(self):
        self.peer.start()
        return self

    def __exit__(self, *_):
        thread = threading.Thread(target=self.stop)
        thread.start()
        self.ending.append(thread)

    def stop(self):
        """Returns what a process would as its exit code, once all is acknowledged."""
        self.peer.stop()
        self.peer.wait()
        return 0

    @classmethod
    def wait_until_all_ended(cls):
        while cls.ending:
            cls.ending.pop().join()


class PythonServer(PythonPeer):
    def __init__(self, transport, topic, name):
        super().__init__()
        self.peer = oslo.rpc_server(transport, topic, name, oslo_endpoints.methods(name, self.tell))


class PythonListener(PythonPeer):
    def __init__(self, transport, topic, pool=None, batch=None, requeue_once=False):
        super().__init__()
        self.errors = []
        endpoint = oslo_endpoints.notification_endpoint(self.tell, self.errors.append, batch, requeue_once)
        self.peer = oslo.notification_listener(transport, topic, endpoint, pool, batch, allow_requeue=requeue_once)

    def notifications(self, count):
        """The first `count` of them; waits until they are there."""
        return [json.loads(line) for line in self.wait_for(lambda line: True, count)]

    def all(self):
        """Those that came until now."""
        with self.changed:
            return [json.loads(line) for line in self.lines]

    def said(self, beginning):
        return [line for line in self.errors if line.startswith(beginning)]
