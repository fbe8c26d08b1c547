"""A pair of servers for the fault tests alone, and a town of toys for each test.

Every test draws its moments from a seed that is printed; BATON_FAULT_SEED repeats a run.
"""

import asyncio
import os
import random
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from baton.local.ports import free_ports
from tests.support.nursery import Nursery
from tests.support.servers import Servers, own_servers
from tests.support.toys.town import NEEDED, Town, found


@pytest.fixture(scope="session")
def own() -> Iterator[Servers]:
    """Servers that may be killed; their second listener sends clients to a proxy's port."""
    (port,) = free_ports(1)
    with own_servers(advertised=f"127.0.0.1:{port}") as servers:
        yield servers


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where the toys are forked."""
    it = Nursery(NEEDED)
    yield it
    it.close()


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """Chance, repeatable by its seed."""
    seed = os.environ.get("BATON_FAULT_SEED") or uuid.uuid4().hex[:8]
    print(f"\n{request.node.name}: BATON_FAULT_SEED={seed}")  # noqa: T201 - to repeat the run
    return random.Random(f"{seed}{request.node.name}")  # noqa: S311 - no secret


@pytest.fixture
async def town(own: Servers, nursery: Nursery, tmp_path: Path) -> AsyncIterator[Town]:
    """Schemas and topics of its own; whatever processes a test starts are gone after it."""
    made = await found(own, f"f{uuid.uuid4().hex[:8]}", tmp_path, nursery)
    try:
        yield made
    finally:
        for each in made.processes:
            await asyncio.to_thread(each.end)
