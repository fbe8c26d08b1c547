"""Databases of these tests' own. Roles belong to the whole server: one process runs this folder."""

from collections.abc import AsyncIterator

import pytest

from tests.deploy.servers.preparing import own_database
from tests.support.servers import Servers


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[str]:
    """An empty database; yields the superuser's URL."""
    async with own_database(servers) as url:
        yield url
