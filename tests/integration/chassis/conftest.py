"""A town of toys on the shared servers for each test of this folder."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.nursery import Nursery
from tests.support.servers import Servers
from tests.support.toys.town import NEEDED, Town, found


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where the toys are forked."""
    it = Nursery(NEEDED)
    yield it
    it.close()


@pytest.fixture
async def town(servers: Servers, nursery: Nursery, tmp_path: Path) -> AsyncIterator[Town]:
    """Schemas and topics of its own; whatever processes a test starts are gone after it."""
    made = await found(servers, f"i{uuid.uuid4().hex[:8]}", tmp_path, nursery)
    try:
        yield made
    finally:
        for each in made.processes:
            await asyncio.to_thread(each.end)
