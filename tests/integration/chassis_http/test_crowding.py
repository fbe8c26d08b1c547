"""One address takes no more than its share, over real sockets."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from chassis.http.app import make_app
from chassis.http.server import WebServer
from tests.integration.chassis_http.toys import Toy, ToyProbes, served, settings
from tests.support.awaiting import until

_HEAD = b"GET /livez HTTP/1.1\r\nHost: x\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def toy() -> AsyncIterator[Toy]:
    async with served(Toy(), settings(max_per_address=3)) as toy:
        yield toy


async def _opened(toy: Toy, address: str) -> Streams:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", toy.server.port, local_addr=(address, 0)
    )
    writer.write(_HEAD)  # the end of the head never comes
    return reader, writer


async def test_one_connection_too_many_of_an_address_is_told_to_come_back(toy: Toy) -> None:
    held = [await _opened(toy, "127.0.0.2") for _ in range(3)]
    reader, writer = await _opened(toy, "127.0.0.2")
    async with asyncio.timeout(5):
        said = await reader.read()
    writer.close()

    assert said.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nretry-after: 1\r\n" in said
    assert b"urn:baton:error:unavailable" in said
    assert b"127.0.0.2" not in said
    assert (await toy.client.get("/livez")).status_code == httpx.codes.OK
    for reader, writer in held:
        writer.write(b"\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_a_connection_that_ends_makes_room_for_another(toy: Toy) -> None:
    held = [await _opened(toy, "127.0.0.2") for _ in range(3)]
    held[0][1].close()

    async def is_answered() -> bool:
        reader, writer = await _opened(toy, "127.0.0.2")
        writer.write(b"\r\n")
        line = await reader.readline()
        writer.close()
        return line.startswith(b"HTTP/1.1 200")

    await until(is_answered, "room for another connection")
    for _, writer in held:
        writer.close()


async def test_many_that_are_turned_away_leave_nothing_behind(toy: Toy) -> None:
    held = [await _opened(toy, "127.0.0.2") for _ in range(3)]
    for _ in range(50):
        reader, writer = await _opened(toy, "127.0.0.2")
        async with asyncio.timeout(5):
            await reader.read()
        writer.close()
    for _, writer in held:
        writer.close()

    async def is_alone() -> bool:
        return "\nbaton_http_connections 1.0\n" in await _metrics(toy)

    await until(is_alone, "the client of this test to be the only one")
    assert 'baton_http_requests_refused_total{reason="crowded"} 50.0' in await _metrics(toy)


async def _metrics(toy: Toy) -> str:
    return (await toy.client.get("/metrics")).text


async def test_line_breaks_between_requests_hold_no_connection_open() -> None:
    chosen = settings()
    server = WebServer(make_app("Toy", chosen, [], ToyProbes()), chosen, head_s=0.2)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(_HEAD + b"\r\n")
    await reader.readuntil(b"}")
    writer.write(b"\r\n")
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()
    await server.stop()


@pytest.mark.parametrize("told", ["192.0.2.7", "8.8.8.8, 192.0.2.7"])
async def test_behind_a_proxy_requests_count_by_whom_it_names(told: str) -> None:
    async with served(Toy(), settings(max_per_address=1, proxy_hops=1)) as toy:
        one, other = {"x-forwarded-for": told}, {"x-forwarded-for": "192.0.2.8"}
        first = asyncio.create_task(toy.client.get("/v1/things/waits", headers=one))
        await toy.entered.wait()

        again = await toy.client.get("/v1/things/trace", headers=one)
        assert again.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert again.headers["retry-after"] == "1"
        assert (await toy.client.get("/v1/things/trace", headers=other)).is_success
        assert (await toy.client.get("/livez")).is_success  # a probe comes without a proxy
        toy.leave.set()
        assert (await first).is_success
        assert (await toy.client.get("/v1/things/trace", headers=one)).is_success


async def test_without_a_proxy_nobodys_word_on_its_address_counts() -> None:
    async with served(Toy(), settings(max_per_address=5)) as toy:
        answers = [
            await toy.client.get("/livez", headers={"x-forwarded-for": "192.0.2.7"})
            for _ in range(10)
        ]
    assert all(each.is_success for each in answers)
