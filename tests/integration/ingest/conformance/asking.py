"""Sending to the running service what a sender sends, and reading what became of it."""

import uuid
from typing import Any

import httpx
import pytest

from chassis.runtime import Runtime
from contracts.events.touches import TouchRecorded
from contracts.topics import MARKETING_TOUCHES
from ingest.settings import IngestSettings
from tests.integration.ingest.conformance.senders import SENDERS
from tests.integration.ingest.conformance.wire import Sender, Wire
from tests.integration.ingest.house import read_all

TOUCH_ID = "x-baton-touch-id"
Served = tuple[Runtime, httpx.AsyncClient]
every = pytest.mark.parametrize("sender", SENDERS, ids=[each.kind for each in SENDERS])


def name(sender: Sender) -> str:
    """Return the id of its source."""
    return f"of-{sender.kind.replace('_', '-')}"


async def send(
    client: httpx.AsyncClient, sender: Sender, wire: Wire, end: str = ""
) -> httpx.Response:
    """Send a request; ``end`` is what its address ends in."""
    path = f"/v1/sources/{name(sender)}{end}"
    wire = sender.readdressed(wire, path) if end else wire
    return await client.post(
        f"{path}?{wire.query}" if wire.query else path,
        content=wire.body,
        headers=dict(wire.headers),
    )


async def recorded(told: IngestSettings, touch_id: str) -> list[Any]:
    """Return what was recorded of a touch."""
    return [
        each
        for each in await read_all(told, MARKETING_TOUCHES)
        if isinstance(each.event.body, TouchRecorded) and str(each.event.body.touch_id) == touch_id
    ]


async def of_person(told: IngestSettings, email: str) -> list[Any]:
    """Return what was recorded of a person."""
    found = await read_all(told, MARKETING_TOUCHES)
    return [each for each in found if each.person is not None and each.person.email == email]


async def nothing_due(runtime: Runtime) -> bool:
    """Tell whether no lead is left to be fetched."""
    async with runtime.database.transaction() as tx:
        return not await tx.fetch("SELECT FROM lead_fetch WHERE state = 'waiting'")


def address() -> str:
    """Return an address that nobody had before."""
    return f"{uuid.uuid4().hex[:12]}@brightwell.example"
