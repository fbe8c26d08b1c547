"""Told to stop before Kafka or PostgreSQL ever answered: over at once, and clean.

A server that is silent takes connections and every byte, and says nothing: worse than one that is
away, since nobody is told.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

from baton.local.ports import free_ports
from tests.support.chaos import Process, eventually
from tests.support.toys.town import SORTER, Town

AT_ONCE_S = 5.0
"""Far below what any stage's deadline would take together with the wait for a server."""


class Silent:
    """Takes connections and every byte, and never says a word."""

    def __init__(self) -> None:
        self.place = ""
        """Host and port."""
        self.held: list[asyncio.StreamWriter] = []

    async def hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.held.append(writer)
        while await reader.read(65_536):
            pass

    def is_asked(self) -> bool:
        return bool(self.held)


@asynccontextmanager
async def silent() -> AsyncIterator[Silent]:
    """A silent server on a free port."""
    it = Silent()
    server = await asyncio.start_server(it.hold, "127.0.0.1", 0)
    it.place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield it
    finally:
        server.close()
        for writer in it.held:
            writer.close()


def away() -> str:
    """Where nobody listens."""
    return f"127.0.0.1:{free_ports(1)[0]}"


def at(url: str, place: str) -> str:
    """The same database elsewhere."""
    parts = urlsplit(url)
    login, _, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{login}@{place}"))


async def stopped_in(process: Process) -> float:
    """SIGTERM; how many seconds it took, and that it was an orderly end."""
    began = time.monotonic()
    await asyncio.to_thread(process.terminate)
    assert "service.stopped" in process.tail(), process.tail()
    return time.monotonic() - began


def says(process: Process, word: str) -> Callable[[], bool]:
    """Whether a process' log has the word by now."""
    return lambda: process.log.exists() and word in process.tail()


async def test_while_kafka_is_away_a_process_that_waits_for_it_stops_at_once(town: Town) -> None:
    process = town.add(SORTER, bootstrap=away())
    process.start()
    await eventually(says(process, "kafka.unreachable"), "it to wait for Kafka")
    assert await stopped_in(process) < AT_ONCE_S


async def test_while_kafka_is_silent_a_process_that_waits_for_it_stops_at_once(town: Town) -> None:
    async with silent() as kafka:
        process = town.add(SORTER, bootstrap=kafka.place)
        process.start()
        await eventually(kafka.is_asked, "Kafka to be asked")
        assert await stopped_in(process) < AT_ONCE_S


async def test_while_postgresql_is_away_a_process_that_waits_for_it_stops_at_once(
    town: Town,
) -> None:
    process = town.add(SORTER, BATON_POSTGRES_URL=at(town.urls[SORTER], away()))
    process.start()
    await eventually(says(process, "start.waits"), "it to wait for PostgreSQL")
    assert await stopped_in(process) < AT_ONCE_S


async def test_while_postgresql_is_silent_a_process_that_waits_for_it_stops_at_once(
    town: Town,
) -> None:
    async with silent() as postgres:
        process = town.add(SORTER, BATON_POSTGRES_URL=at(town.urls[SORTER], postgres.place))
        process.start()
        await eventually(postgres.is_asked, "PostgreSQL to be asked")
        assert await stopped_in(process) < AT_ONCE_S
