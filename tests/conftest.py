"""One Kafka and one PostgreSQL for the whole run; topics and schemas are told apart by prefix."""

import uuid
from collections.abc import Iterator

import pytest

from tests.support.servers import Servers, shared_servers


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The pair of this run, started when the first test asks for it."""
    with shared_servers() as pair:
        yield pair


@pytest.fixture(scope="module")
def prefix() -> str:
    """A prefix of this module's own, for topics, groups and schemas."""
    return f"t{uuid.uuid4().hex[:8]}"
