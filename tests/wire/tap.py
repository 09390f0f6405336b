# SPDX-License-Identifier: Apache-2.0
"""Taps before a broker: what goes up through them is recorded, under the name of the part that they are for."""

import socket
import threading

from frames import Decoder

PATIENCE_SECONDS = 60


class Recording:
    """The frames that parts wrote, in the order in which they reached the taps."""

    def __init__(self):
        self.changed = threading.Condition()
        self.frames = []
        self.heartbeats = {}  # how many each connection has sent

    def add(self, name, decoder, data):
        with self.changed:
            self.frames += [{"from": name} | frame for frame in decoder.feed(data)]
            self.heartbeats[name] = decoder.heartbeats
            self.changed.notify_all()

    def wait_for(self, ready):
        """Until `ready` holds for the frames; returns them, whether it does or not."""
        with self.changed:
            self.changed.wait_for(lambda: ready(self.frames), PATIENCE_SECONDS)
            return list(self.frames)

    def now(self):
        return self.wait_for(lambda frames: True)


class Tap:
    """Passes the connections of one part on to the broker."""

    def __init__(self, part, port, recording):
        self.part, self.broker_port, self.recording = part, port, recording
        self.port = 0
        self.connections = 0
        self.ends = []
        self.accept()

    def accept(self):
        self.listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._accept, args=(self.listening,), daemon=True).start()

    def refuse(self):
        """Nobody listens any more; connections that stand are left alone."""
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()

    close = refuse

    def cut(self):
        """All connections end, both ways."""
        for end in list(self.ends):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended

    def _accept(self, listening):
        while True:
            try:
                down, _ = listening.accept()
            except OSError:
                return
            self.connections += 1
            name = f"{self.part}#{self.connections}"
            up = socket.create_connection(("127.0.0.1", self.broker_port))
            self.ends += [down, up]
            threading.Thread(target=self._pump, args=(down, up, name), daemon=True).start()
            threading.Thread(target=self._pump, args=(up, down, None), daemon=True).start()

    def _pump(self, source, target, name):
        """What has a name is recorded, before it is passed on: so what follows from it is recorded later."""
        decoder = Decoder()
        try:
            while data := source.recv(1 << 16):
                if name:
                    self.recording.add(name, decoder, data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            for end in (source, target):
                end.close()
