"""A light HTTP/1.1 client: keep-alive connections, one request under way on each.

The load generator's own: httpx spends about a millisecond a request, more than what is measured.
httptools, which the services' uvicorn brings along, reads the answers.
"""

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

import httptools

MOST_CONNECTIONS = 256
TOUCH = b"x-baton-touch-id"


@dataclass(slots=True)
class Answer:
    """What came back. `at` in nanoseconds of the monotonic clock."""

    status: int = 0
    touch: str = ""
    at: int = 0


class Connection(asyncio.Protocol):
    """One connection; it fails the request under way when it is lost."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._answer = Answer()
        self._waiting: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError("the connection was lost"))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == TOUCH:
            self._answer.touch = value.decode("ascii", "replace")

    def on_message_complete(self) -> None:
        self._answer.at = time.monotonic_ns()
        self._answer.status = self._parser.get_status_code()
        answer, self._answer = self._answer, Answer()
        self._parser = httptools.HttpResponseParser(self)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    async def ask(self, request: bytes) -> Answer:
        """Send a request and return its answer. Raises ConnectionError."""
        if self._transport is None:
            raise ConnectionError("the connection was lost")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class Client:
    """Posts JSON to one URL over as many connections as are under way at once."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self._free: deque[Connection] = deque()
        self._gate = asyncio.Semaphore(MOST_CONNECTIONS)

    async def open(self, count: int) -> None:
        """Open connections before the first request, so that none is opened on the clock."""
        self._free.extend([await self._connect() for _ in range(count)])

    async def post(self, body: bytes) -> Answer:
        """Post a body. Waits for a free connection where all are under way; no retry.

        Raises ConnectionError or OSError.
        """
        async with self._gate:
            connection = await self._take()
            try:
                return await connection.ask(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
            finally:
                self._free.append(connection)

    async def _take(self) -> Connection:
        while self._free:
            connection = self._free.pop()  # the last used: the others rest
            if connection.is_open:
                return connection
        return await self._connect()

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, self._host, self._port)
        return connection

    def close(self) -> None:
        for connection in self._free:
            connection.close()
