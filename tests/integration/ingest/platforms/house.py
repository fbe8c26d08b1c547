"""How these tests send notices and look at what came of them."""

import uuid
from typing import Any

import httpx

from contracts.events.touches import TouchRecorded
from contracts.topics import MARKETING_TOUCHES
from ingest.settings import IngestSettings
from tests.integration.ingest.conformance.wire import Wire
from tests.integration.ingest.house import read_all
from tests.support.awaiting import until

ADMIN = "an-admins-token-of-enough-length"
AS_ADMIN = {"authorization": f"Bearer {ADMIN}"}
WORD = "the-word"
PATHS = {kind: f"/v1/sources/of-{kind}" for kind in ("meta", "linkedin", "hubspot")}


def number() -> str:
    return str(10**16 + uuid.uuid4().int % 10**15)


def someone() -> str:
    return f"{uuid.uuid4().hex[:12]}@brightwell.example"


async def send(client: httpx.AsyncClient, kind: str, wire: Wire) -> httpx.Response:
    return await client.post(PATHS[kind], content=wire.body, headers=dict(wire.headers))


async def touches_of(told: IngestSettings, email: str) -> list[Any]:
    found = await read_all(told, MARKETING_TOUCHES)
    return [each for each in found if each.person is not None and each.person.email == email]


async def touch_of(told: IngestSettings, touch_id: str) -> TouchRecorded:
    bodies = [each.event.body for each in await read_all(told, MARKETING_TOUCHES)]
    touches = [each for each in bodies if isinstance(each, TouchRecorded)]
    (found,) = [each for each in touches if str(each.touch_id) == touch_id]
    return found


async def fetched(told: IngestSettings, email: str) -> Any:  # noqa: ANN401
    (message,) = await until(lambda: touches_of(told, email), "the lead to be fetched")
    return message


async def standing(client: httpx.AsyncClient, lead: str) -> dict[str, Any]:
    """How a lead stands that is to be fetched, by the API."""
    answer = await client.get("/v1/admin/ingest/fetches", headers=AS_ADMIN)
    assert answer.status_code == 200, answer.text
    (one,) = [each for each in answer.json()["items"] if each["lead"] == lead]
    return dict(one)
