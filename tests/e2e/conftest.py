"""One house for all end-to-end tests: tests tell their leads apart, never their services."""

from collections.abc import Iterator

import pytest

from tests.e2e.house import House, house
from tests.support.servers import Servers


@pytest.fixture(scope="package")
def five(servers: Servers) -> Iterator[House]:
    """The five services on the servers of this run."""
    with house(servers) as found:
        yield found
