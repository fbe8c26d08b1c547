"""One town of the five services for all fault tests of this folder; each adds its own leads.

What one test sent is judged with the next ones again, so that nothing is told twice much later.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from contracts.topics import TOPICS
from tests.support.five.books import Books
from tests.support.five.town import NEEDED, SERVICES, Town, found
from tests.support.nursery import Nursery
from tests.support.rawlog import RawLog
from tests.support.servers import Servers

CONFIG = Path(__file__).parent / "config"


@pytest.fixture(scope="package")
def hatchery() -> Iterator[Nursery]:
    """Where the services are forked."""
    it = Nursery(NEEDED)
    yield it
    it.close()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def five(
    own: Servers, hatchery: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    """One instance of each service, running."""
    folder = tmp_path_factory.mktemp("five")
    town = await found(own, f"s{uuid.uuid4().hex[:8]}", folder, CONFIG, hatchery)
    try:
        for service in SERVICES:
            town.add(service).start()
        await town.ready()
        yield town
    finally:
        for each in town.processes:
            await asyncio.to_thread(each.end)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def books(five: Town) -> AsyncIterator[Books]:
    """The town's books."""
    names = [topic.name for topic in TOPICS]
    async with RawLog(five.servers.kafka_bootstrap, names, five.topic_prefix) as log:
        yield Books(five, log)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def pairs(five: Town) -> Town:
    """Two instances of each service from here on."""
    added = [five.add(service) for service in SERVICES]
    for each in added:
        each.start()
    await five.ready()
    return five
