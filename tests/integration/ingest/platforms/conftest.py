"""An ingest with a source of each platform that only points at leads, shared by a file's tests."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from chassis.runtime import Runtime
from ingest.settings import IngestSettings
from tests.integration.ingest.conformance.wire import KEY, PUBLIC
from tests.integration.ingest.house import prepared, running
from tests.integration.ingest.platforms.house import ADMIN, WORD
from tests.support.platforms import hubspot, linkedin, meta
from tests.support.platforms.behaving import TOKEN, Platform
from tests.support.servers import Servers

_ASKED = {"channel": "paid-social", "consent": {"contact": "asked"}, "secrets": [f"demo:{KEY}"]}


@pytest.fixture(scope="module")
def every() -> Mapping[str, Platform]:
    return {"meta": meta.Meta(), "linkedin": linkedin.LinkedIn(), "hubspot": hubspot.HubSpot()}


@pytest.fixture
def platforms(every: Mapping[str, Platform]) -> Mapping[str, Platform]:
    """The platforms in good mood, with no lead and no call yet."""
    for each in every.values():
        each.reset()
    return every


@pytest.fixture(scope="module")
async def told(
    servers: Servers,
    prefix: str,
    every: Mapping[str, Platform],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[IngestSettings]:
    """The settings of an ingest with a source of each platform."""
    folder = tmp_path_factory.mktemp("config")
    async with AsyncExitStack() as stack:
        at = {kind: await stack.enter_async_context(p.served()) for kind, p in every.items()}
        sources: dict[str, Any] = {
            "of-meta": {"kind": "meta_lead_ads", "verify_token": f"demo:{WORD}"},
            "of-linkedin": {"kind": "linkedin", "owner": "urn:li:sponsoredAccount:11223344"},
            "of-hubspot": {"kind": "hubspot", "also_on": ["lead_status"]},
        }
        for kind, base_url in at.items():
            fetch = {"token": f"demo:{TOKEN}", "base_url": base_url, "give_up": 2}
            sources[f"of-{kind}"] |= _ASKED | {"fetch": fetch}
        policy = {"policy": "sources", "sources": sources}
        (folder / "sources.yaml").write_text(json.dumps(policy), encoding="utf-8")
        digest = hashlib.sha256(ADMIN.encode()).hexdigest()
        access = folder / "access.yaml"
        access.write_text(
            f"tokens:\n  - {{name: ops, sha256: {digest}, scopes: [admin], expires: null}}\n",
            encoding="utf-8",
        )
        access.chmod(0o600)
        settings = await prepared(servers, prefix)
        yield settings.model_copy(update={"config": folder, "access": access, "public_url": PUBLIC})


@pytest.fixture(scope="module")
async def served(told: IngestSettings) -> AsyncIterator[tuple[Runtime, httpx.AsyncClient]]:
    async with running(told) as house:
        yield house


@pytest.fixture(scope="module")
def client(served: tuple[Runtime, httpx.AsyncClient]) -> httpx.AsyncClient:
    return served[1]
