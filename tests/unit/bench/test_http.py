"""The light client against a small server on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bench.http import Client

ANSWER = b"HTTP/1.1 200 OK\r\nX-Baton-Touch-Id: t-1\r\nContent-Length: 2\r\n\r\n{}"


@asynccontextmanager
async def server(answer: bytes, *, closes: bool = False) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answer every request alike; what was asked stands in the list."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                asked.append(await reader.readexactly(size))
                writer.write(answer)
                if closes:
                    break
        except asyncio.IncompleteReadError:
            pass
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1/sources/x", asked
    finally:
        listening.close()


async def test_it_posts_over_one_connection_and_reads_status_and_touch() -> None:
    async with server(ANSWER) as (url, asked):
        client = Client(url)
        answers = [await client.post(b"one"), await client.post(b"two")]
        client.close()
    assert asked == [b"one", b"two"]
    assert [(each.status, each.touch) for each in answers] == [(200, "t-1")] * 2
    assert 0 < answers[0].at <= answers[1].at


async def test_requests_at_once_go_over_connections_of_their_own() -> None:
    async with server(ANSWER) as (url, asked):
        client = Client(url)
        answers = await asyncio.gather(*(client.post(b"%d" % n) for n in range(20)))
        client.close()
    assert sorted(asked) == sorted(b"%d" % n for n in range(20))
    assert {each.status for each in answers} == {200}


async def test_a_connection_cut_instead_of_an_answer_is_an_error() -> None:
    async with server(b"", closes=True) as (url, _):
        client = Client(url)
        with pytest.raises(ConnectionError):
            await client.post(b"one")
