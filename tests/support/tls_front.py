"""TLS before a PostgreSQL that has none: takes its clients' SSLRequest, passes plain bytes on.

The embedded server is built without OpenSSL; services and psql cannot tell this front from a server
with `hostssl` lines: who asks for no TLS is turned away.
"""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

_SSL_REQUEST = (8).to_bytes(4) + (80_877_103).to_bytes(4)
_CHUNK = 65_536

T = TypeVar("T")


@contextmanager
def tls_front(context: ssl.SSLContext, port: int, server: tuple[str, int]) -> Iterator[None]:
    """Listen on 127.0.0.1:port until the block ends; ``server`` is host and port behind."""
    with _loop() as loop:
        listening = _run(loop, _listen(context, port, server)).result(10)
        try:
            yield
        finally:
            loop.call_soon_threadsafe(listening.close)


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in a thread of its own, so that the test may block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="tls-front")
    thread.start()
    try:
        yield loop
    finally:
        _run(loop, _end_all()).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def _run(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> "Future[T]":
    return asyncio.run_coroutine_threadsafe(work, loop)


async def _end_all() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _listen(context: ssl.SSLContext, port: int, server: tuple[str, int]) -> asyncio.Server:
    async def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await _serve(reader, writer, context, server)
        finally:
            writer.close()

    return await asyncio.start_server(on_client, "127.0.0.1", port)


async def _serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    context: ssl.SSLContext,
    server: tuple[str, int],
) -> None:
    if await reader.readexactly(len(_SSL_REQUEST)) != _SSL_REQUEST:
        return
    writer.write(b"S")
    await writer.drain()
    await writer.start_tls(context)
    from_server, to_server = await asyncio.open_connection(*server)
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(_pass(reader, to_server))
            both.create_task(_pass(from_server, writer))
    finally:
        to_server.close()


async def _pass(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Pass bytes on; where one side ends, so does the other."""
    with contextlib.suppress(OSError):
        while data := await source.read(_CHUNK):
            target.write(data)
            await target.drain()
    target.close()
