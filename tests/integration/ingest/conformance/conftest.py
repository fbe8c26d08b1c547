"""A running ingest with one source of each kind."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from chassis.runtime import Runtime
from ingest.settings import IngestSettings
from tests.integration.ingest.conformance.asking import Served, name
from tests.integration.ingest.conformance.pointing import PLATFORMS
from tests.integration.ingest.conformance.senders import SENDERS
from tests.integration.ingest.conformance.wire import PUBLIC
from tests.integration.ingest.house import prepared, running
from tests.support.servers import Servers


@pytest.fixture(scope="module")
async def platforms() -> AsyncIterator[Mapping[str, str]]:
    """The platforms that only point at leads, by kind."""
    async with AsyncExitStack() as stack:
        yield {
            kind: await stack.enter_async_context(each.served()) for kind, each in PLATFORMS.items()
        }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, platforms: Mapping[str, str]) -> Path:
    """A configuration with one source of each kind."""
    made = tmp_path_factory.mktemp("config")
    policy = {
        "policy": "sources",
        "sources": {name(each): each.policy for each in SENDERS},
    }
    text = json.dumps(policy)
    for kind, address in platforms.items():
        text = text.replace(f"http://{kind}", address)
    (made / "sources.yaml").write_text(text, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
async def told(servers: Servers, prefix: str, folder: Path) -> IngestSettings:
    return (await prepared(servers, prefix)).model_copy(
        update={"config": folder, "public_url": PUBLIC}
    )


@pytest.fixture(scope="module")
async def served(told: IngestSettings) -> AsyncIterator[Served]:
    async with running(told) as (runtime, client):
        yield runtime, client


@pytest.fixture(scope="module")
def runtime(served: Served) -> Runtime:
    return served[0]


@pytest.fixture(scope="module")
def client(served: Served) -> httpx.AsyncClient:
    return served[1]
