"""One Kafka and one PostgreSQL for the whole run; topics and schemas are told apart by prefix.

Hypothesis tries few examples by default and many with BATON_HYPOTHESIS=thorough (make test-long).
"""

import os
import uuid
from collections.abc import Iterator

import hypothesis
import pytest

from tests.support.servers import Servers, shared_servers

hypothesis.settings.register_profile("quick", max_examples=25, deadline=None, print_blob=True)
hypothesis.settings.register_profile("thorough", max_examples=1_000, deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("BATON_HYPOTHESIS", "quick"))


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The pair of this run, started when the first test asks for it."""
    with shared_servers() as pair:
        yield pair


@pytest.fixture(scope="module")
def prefix() -> str:
    """A prefix of this module's own, for topics, groups and schemas."""
    return f"t{uuid.uuid4().hex[:8]}"
