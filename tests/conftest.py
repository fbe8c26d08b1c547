"""What all tests share: one Kafka and one PostgreSQL a run, started when first asked for."""

from collections.abc import Iterator

import pytest

from tests.support.servers import Servers, shared_servers


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The pair of this run; tell topics, groups and schemas apart by a prefix of your own."""
    with shared_servers() as running:
        yield running
