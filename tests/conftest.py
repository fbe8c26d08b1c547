"""One Kafka and one PostgreSQL for the whole run; topics and schemas are told apart by prefix.

With ``-n`` the tests run in several processes, a file at a time: whoever starts these also starts
the pair of servers. Hypothesis tries few examples by default and many with
BATON_HYPOTHESIS=thorough (make test-long).
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.support.servers import SHARED, Servers, own_servers, shared_servers

ONE_SET = ["tests/e2e/", "tests/deploy/servers/", "tests/faults/services/", "tests/faults/"]
"""Folders whose tests share services, roles, or servers that they kill: one process does each."""

hypothesis.settings.register_profile("quick", max_examples=25, deadline=None, print_blob=True)
hypothesis.settings.register_profile("thorough", max_examples=1_000, deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("BATON_HYPOTHESIS", "quick"))


def pytest_configure(config: pytest.Config) -> None:
    """Start the pair before the processes that share it."""
    is_worker = hasattr(config, "workerinput")
    if config.getoption("numprocesses", None) and not is_worker and SHARED not in os.environ:
        pair = ExitStack()
        config.add_cleanup(pair.close)
        os.environ[SHARED] = str(pair.enter_context(own_servers()).home.root)


class ByFile(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Deals files to the processes, and whole folders whose tests share what they start."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in ONE_SET if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    """Deal the tests by this file's own rule."""
    return ByFile(config, log)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The pair of this run, started when the first test asks for it."""
    with shared_servers() as pair:
        yield pair


@pytest.fixture(scope="module")
def prefix() -> str:
    """A prefix of this module's own, for topics, groups and schemas."""
    return f"t{uuid.uuid4().hex[:8]}"
