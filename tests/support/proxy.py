"""A TCP proxy in front of the broker's second listener, to lose what goes to or comes from it.

Only producers' connections lose bytes, unless all fall silent: it reads which requests of Kafka's
protocol a connection makes. Consumers behind it go on, so that work is decided and committed and
cannot be published.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_PRODUCE, _INIT_PRODUCER_ID = 0, 22


class Connection:
    """One connection: whether it is a producer's, by the requests that went through it."""

    def __init__(self) -> None:
        self.writes = False
        self._head = b""
        self._left = 0

    def saw(self, data: bytes) -> None:
        """Follow the frames: four bytes of size, two that name the request, the rest."""
        while data:
            if self._left:
                skipped = min(self._left, len(data))
                self._left -= skipped
                data = data[skipped:]
                continue
            wanted = 6 - len(self._head)
            self._head, data = self._head + data[:wanted], data[wanted:]
            if len(self._head) == 6:
                self._left = int.from_bytes(self._head[:4], "big") - 2
                kind = int.from_bytes(self._head[4:], "big")
                self.writes |= kind in {_PRODUCE, _INIT_PRODUCER_ID}
                self._head = b""


class Proxy:
    """Hands bytes on in both directions, until told to lose one or both of them."""

    def __init__(self, host: str, port: int) -> None:
        """``host`` and ``port`` are where it leads to."""
        self._to = (host, port)
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.loses_requests = False
        self.loses_answers = False
        self.loses_all = False

    def cut(self, *, answers_only: bool = False) -> None:
        """Lose every byte of producers from now on; connections stay open, so nobody is told.

        ``answers_only``: requests still arrive, so that records are written and the sender never
        hears of it.
        """
        self.loses_answers = True
        self.loses_requests = not answers_only

    def silence(self) -> None:
        """Lose every byte of everybody from now on; connections stay open, new ones are taken."""
        self.loses_all = True

    def heal(self) -> None:
        """Hand on again; connections that lost bytes are closed, as nothing on them makes sense."""
        self.loses_requests = self.loses_answers = self.loses_all = False
        for writer in list(self._open):
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        try:
            up_reader, up_writer = await asyncio.open_connection(*self._to)
        except OSError:
            writer.close()
            return
        ends, kind = (writer, up_writer), Connection()
        self._open.update(ends)
        there = asyncio.create_task(self._there(kind, reader, up_writer))
        back = asyncio.create_task(self._back(kind, up_reader, writer))
        self._tasks.update((there, back))
        try:
            await asyncio.wait((there, back), return_when=asyncio.FIRST_COMPLETED)
        finally:
            there.cancel()
            back.cancel()
            self._tasks.difference_update((there, back))
            self._open.difference_update(ends)
            for each in ends:
                each.close()

    async def _there(
        self, kind: Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                kind.saw(data)
                if not (self.loses_all or (self.loses_requests and kind.writes)):
                    writer.write(data)
                    await writer.drain()

    async def _back(
        self, kind: Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if not (self.loses_all or (self.loses_answers and kind.writes)):
                    writer.write(data)
                    await writer.drain()


@asynccontextmanager
async def proxy(port: int, to_port: int) -> AsyncIterator[Proxy]:
    """A proxy on a loopback port, leading to another."""
    it = Proxy("127.0.0.1", to_port)
    server = await asyncio.start_server(it.serve, "127.0.0.1", port)
    try:
        yield it
    finally:
        server.close()
        it.heal()
