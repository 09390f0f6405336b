# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy before a broker that breaks what passes through it, at the moment a test chooses.

It follows the frames of the broker's protocol, so that a connection can be cut at one of a given name: that
frame, and all that follows, is lost. Its methods are for the test's thread; the proxy has its own.
"""

import asyncio
import socket
import struct
import threading

import frames

UP, DOWN = "up", "down"  # to the broker, from the broker
PATIENCE_SECONDS = 60  # for what never comes, on any machine


class Proxy:
    def __init__(self, target_port, receive_buffer=0, protocol=frames.amqp):
        """receive_buffer: how much the kernel takes ahead of what the proxy passes on; 0: as it likes.
        protocol: what makes the frames of a connection."""
        self.target_port = target_port
        self.protocol = protocol
        self.receive_buffer = receive_buffer
        self.delay_seconds = 0  # of each frame
        self.chopped = False  # into single bytes
        self._rate = {UP: 0, DOWN: 0}  # bytes a second; 0: as many as come
        self.connections = set()
        self._changed = threading.Condition()  # of the connections and of the cuts
        self.accepted = 0  # connections so far
        self.cuts = 0  # made by cut_at
        self._trigger = None
        self._server = None
        self._place = socket.socket()  # bound as long as the proxy is: nobody else gets the port while none listens
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._place.bind(("127.0.0.1", 0))
        self.port = self._place.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        self._flowing = self._run(self._make_events())
        self.accept()
        return self

    def __exit__(self, *_):
        self.refuse()
        self.flow()
        self.cut()
        self._run(self._settle())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._place.close()

    @property
    def host(self):
        return f"127.0.0.1:{self.port}"

    @property
    def url(self):
        return f"rabbit://guest:guest@{self.host}/"

    def refuse(self):
        """Nobody listens on the port any more; connections that stand are left alone."""
        self._run(self._close_server())

    def accept(self):
        self._run(self._open_server())

    def stall(self, *directions):
        """Nothing passes any more in these directions (both when none is given); connections stand."""
        self._on_loop(lambda: [self._flowing[d].clear() for d in directions or (UP, DOWN)])

    def slow(self, bytes_per_second, *directions):
        for direction in directions or (UP, DOWN):
            self._rate[direction] = bytes_per_second

    def flow(self):
        """As the line was at first."""
        self.slow(0)
        self._on_loop(lambda: [event.set() for event in self._flowing.values()])

    def cut(self):
        """Every connection is reset, both ways, and what was on the way is lost."""
        self._on_loop(lambda: [c.reset() for c in list(self.connections)])

    def close(self):
        """Every connection ends in an orderly way (FIN), both ways."""
        self._on_loop(lambda: [c.finish(UP, DOWN) for c in list(self.connections)])

    def half_close(self, direction):
        """The receiver of `direction` sees the end of the stream; the other direction goes on."""
        self._on_loop(lambda: [c.finish(direction) for c in list(self.connections)])

    def cut_at(self, direction, name, times=1):
        """The next `times` frames of the name are not passed on: their connections are reset."""
        self._trigger = [direction, name, times]

    def triggered(self, direction, name):
        if not self._trigger or self._trigger[:2] != [direction, name] or self._trigger[2] == 0:
            return False
        self._trigger[2] -= 1
        with self._changed:
            self.cuts += 1
            self._changed.notify_all()
        return True

    def wait_connections(self, matches):
        """Until their number is as wanted."""
        with self._changed:
            if not self._changed.wait_for(lambda: matches(len(self.connections)), PATIENCE_SECONDS):
                raise AssertionError(f"there are {len(self.connections)} connections")

    def wait_cuts(self, number):
        """Until cut_at has made so many."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.cuts >= number, PATIENCE_SECONDS):
                raise AssertionError(f"{self.cuts} connections were cut instead of {number}")

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    def _on_loop(self, function):
        async def call():
            function()
        self._run(call())

    async def _make_events(self):
        events = {UP: asyncio.Event(), DOWN: asyncio.Event()}
        for event in events.values():
            event.set()
        return events

    async def _open_server(self):
        if self._server is None:
            listening = socket.create_server(("127.0.0.1", self.port))
            if self.receive_buffer:
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
            self._server = await asyncio.start_server(
                self._on_connection, sock=listening, limit=self.receive_buffer or 65536)

    async def _close_server(self):
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _on_connection(self, reader, writer):
        self.accepted += 1
        connection = self._connection(reader, writer)
        self._change(self.connections.add, connection)
        try:
            await connection.run()
        except asyncio.CancelledError:
            pass  # the proxy ends; a server's task that says so is reported as an error
        finally:
            self._change(self.connections.discard, connection)

    def _change(self, how, connection):
        with self._changed:
            how(connection)
            self._changed.notify_all()

    def _connection(self, reader, writer):
        return Connection(self, reader, writer)

    async def _settle(self):
        tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Connection:
    def __init__(self, proxy, reader, writer):
        self.proxy = proxy
        self.reader, self.writer = reader, writer
        self.writers = {DOWN: writer}

    async def run(self):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.proxy.target_port)
        except OSError:
            self.reset()
            return
        self.writers[UP] = writer
        up, down = self.proxy.protocol()
        await asyncio.gather(self._pump(UP, self.reader, writer, up), self._pump(DOWN, reader, self.writer, down))
        self.reset()

    async def _pump(self, direction, reader, writer, whole):
        flowing = self.proxy._flowing[direction]
        try:
            while data := await self._read(direction, reader):
                together = []  # frames that nothing holds up
                for frame, name in whole.split(data):
                    if self.proxy.delay_seconds or not flowing.is_set():
                        self._write(writer, together)
                        together = []
                    await flowing.wait()
                    if name and self.proxy.triggered(direction, name):
                        self._write(writer, together)
                        self.reset()
                        return
                    if self.proxy.delay_seconds:
                        await asyncio.sleep(self.proxy.delay_seconds)
                    together.append(frame)
                self._write(writer, together)
                await writer.drain()
            await flowing.wait()
            self.finish(direction)
        except (OSError, RuntimeError):  # the latter for a write after the end
            self.reset()

    async def _read(self, direction, reader):
        rate = self.proxy._rate[direction]
        data = await reader.read(max(rate // 10, 1) if rate else 65536)
        if rate:
            await asyncio.sleep(len(data) / rate)
        return data

    def _write(self, writer, frames):
        data = b"".join(frames)
        step = 1 if self.proxy.chopped else max(len(data), 1)
        for begin in range(0, len(data), step):
            writer.write(data[begin:begin + step])

    def finish(self, *directions):
        for direction in directions:
            writer = self.writers.get(direction)
            if writer and writer.can_write_eof() and not writer.is_closing():
                writer.write_eof()

    def reset(self):
        for writer in self.writers.values():
            if writer.is_closing():
                continue
            writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
