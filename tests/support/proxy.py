"""A TCP proxy in front of the broker's second listener, to lose what goes to or comes from it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Proxy:
    """Hands bytes on in both directions, until told to lose one or both of them."""

    def __init__(self, host: str, port: int) -> None:
        """``host`` and ``port`` are where it leads to."""
        self._to = (host, port)
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.loses_requests = False
        self.loses_answers = False

    def cut(self, *, answers_only: bool = False) -> None:
        """Lose every byte from now on; connections stay open, so nobody is told.

        ``answers_only``: requests still arrive, so that records are written and the sender never
        hears of it.
        """
        self.loses_answers = True
        self.loses_requests = not answers_only

    def heal(self) -> None:
        """Hand on again; connections that lost bytes are closed, as nothing on them makes sense."""
        self.loses_requests = self.loses_answers = False
        for writer in list(self._open):
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        try:
            up_reader, up_writer = await asyncio.open_connection(*self._to)
        except OSError:
            writer.close()
            return
        ends = (writer, up_writer)
        self._open.update(ends)
        there = asyncio.create_task(self._carry(reader, up_writer, requests=True))
        back = asyncio.create_task(self._carry(up_reader, writer, requests=False))
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

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, requests: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if self.loses_requests if requests else self.loses_answers:
                    continue
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
