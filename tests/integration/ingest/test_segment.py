"""Segment's own client library against a real ingest, and what its calls come to."""

import asyncio
import gzip
import json
import uuid
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from segment.analytics.client import Client

from contracts.event import Message
from contracts.events.kinds import IdentityKind, TouchKind
from contracts.events.touches import TouchRecorded
from contracts.topics import MARKETING_TOUCHES
from ingest.settings import IngestSettings
from tests.integration.ingest.house import prepared, read_all, running
from tests.support.servers import Servers

KEY, OTHER = "write-key-of-the-app", "write-key-of-the-shop"
PAGE = "https://www.kestrel.example"
POLICY = {
    "policy": "sources",
    "sources": {
        "app": {
            "kind": "segment",
            "secrets": [f"demo:{KEY}"],
            "origins": [PAGE],
            "channel": "web",
            "consent": {"contact": "asked"},
            "leads": {"track": ["Demo Requested"]},
        },
        "shop": {"kind": "segment", "secrets": [f"demo:{OTHER}"], "channel": "web"},
    },
}
PATHS = ("identify", "track", "page", "screen", "group", "alias")


@pytest.fixture(scope="module")
async def told(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> IngestSettings:
    folder = tmp_path_factory.mktemp("config")
    (folder / "sources.yaml").write_text(json.dumps(POLICY), encoding="utf-8")
    return (await prepared(servers, prefix)).model_copy(update={"config": folder})


@pytest.fixture(scope="module")
async def client(told: IngestSettings) -> AsyncIterator[httpx.AsyncClient]:
    async with running(told) as (_, client):
        yield client


def basic(key: str) -> dict[str, str]:
    return {"authorization": f"Basic {b64encode(f'{key}:'.encode()).decode()}"}


def call(**more: object) -> dict[str, Any]:
    return {"anonymousId": uuid.uuid4().hex, "messageId": uuid.uuid4().hex, **more}


async def recorded(told: IngestSettings, touch_id: str) -> Message:
    """A touch with its person."""
    (found,) = {
        each.event.id: each
        for each in await read_all(told, MARKETING_TOUCHES)
        if str(each.event.body.touch_id) == touch_id  # type: ignore[attr-defined] # TouchRecorded
    }.values()
    return found


def body_of(found: Message) -> TouchRecorded:
    assert isinstance(found.event.body, TouchRecorded)
    return found.event.body


async def taken(
    told: IngestSettings, client: httpx.AsyncClient, path: str, said: dict[str, Any]
) -> Message:
    answer = await client.post(f"/v1/{path}", json=said, headers=basic(KEY))
    assert (answer.status_code, answer.json()) == (200, {"success": True}), answer.text
    return await recorded(told, answer.headers["x-baton-touch-id"])


async def test_segment_s_own_library_is_understood(
    told: IngestSettings, client: httpx.AsyncClient
) -> None:
    wrong: list[object] = []
    library = Client(
        KEY, str(client.base_url).rstrip("/"), on_error=lambda *each: wrong.append(each), gzip=True
    )
    user = uuid.uuid4().hex
    library.identify(user, {"email": f"{user}@brightwell.example", "firstName": "maya"})
    library.track(user, "Video watched", {"length": 12})
    library.page(user, "docs", "Setup", {"url": f"{PAGE}/docs/setup?gclid=AbC"})
    library.group(user, "g1", {"name": "Brightwell Logistics", "employees": 120})
    library.alias("a-browser", user)
    await asyncio.to_thread(library.flush)
    await asyncio.to_thread(library.join)
    assert wrong == []

    found = {}
    for each in await read_all(told, MARKETING_TOUCHES):
        keys = {key.kind for key in body_of(each).identity_keys}
        if IdentityKind.SENDER in keys:
            found[body_of(each).touch_id] = each
    bodies = [body_of(each) for each in found.values()]
    assert len(bodies) == 5
    assert {each.kind for each in bodies} == {TouchKind.OTHER, TouchKind.EVENT, TouchKind.PAGE}
    assert any(each.facts.text("touch.path") == "/docs/setup" for each in bodies)
    assert any(each.facts.text("touch.event") == "Video watched" for each in bodies)
    assert any(each.facts.get("company.employees") == 120 for each in bodies)
    assert not any(each.is_request for each in bodies)
    people = [each.person for each in found.values() if each.person is not None]
    assert any(each.first_name == "Maya" for each in people)
    assert any(each.sender_ids.get("gclid") == "AbC" for each in people)


@pytest.mark.parametrize("path", [*PATHS, *(each[0] for each in PATHS)])
async def test_every_path_takes_its_call_from_a_browser_and_no_key_is_kept(
    told: IngestSettings, client: httpx.AsyncClient, path: str
) -> None:
    said = call(event="Seen", name="Start", writeKey=KEY, previousId="b", traits={"plan": KEY})
    answer = await client.post(
        f"/v1/{path}",
        content=json.dumps(said),
        headers={"content-type": "text/plain", "origin": PAGE},
    )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == PAGE
    found = await recorded(told, answer.headers["x-baton-touch-id"])
    assert found.person is not None
    assert KEY not in repr(found.person.model_dump())


async def test_a_batch_shares_its_context_and_what_cannot_be_read_is_passed_over(
    told: IngestSettings, client: httpx.AsyncClient
) -> None:
    first = call(type="page", context={"page": {"url": f"{PAGE}/a"}})
    batch = [first, call(type="unheard"), {"type": "track", "event": "of nobody"}]
    said = {
        "batch": batch,
        "context": {"campaign": {"name": "Autumn", "source": "google", "medium": "cpc"}},
    }
    found = body_of(await taken(told, client, "batch", said))

    assert (found.kind, found.utm.campaign, found.utm.source) == (
        TouchKind.PAGE,
        "Autumn",
        "google",
    )
    assert found.facts.text("touch.path") == "/a"
    again = await client.post("/v1/b", json=said, headers=basic(KEY))
    assert again.headers["x-baton-touch-id"] == str(found.touch_id)


async def test_a_named_event_is_a_request_by_a_person(
    told: IngestSettings, client: httpx.AsyncClient
) -> None:
    address = f"{uuid.uuid4().hex}@brightwell.example"
    said = call(
        userId="u-1",
        event="Demo Requested",
        properties={"message": "Please call", "seats": 12},
        context={
            "traits": {"email": address, "title": "Head of IT", "company": {"name": "Brightwell"}},
            "ip": "192.0.2.7",
            "locale": "de-DE",
            "page": {"url": f"{PAGE}/demo", "referrer": "https://www.search.example/"},
        },
    )
    found = await taken(told, client, "track", said)
    body, person = body_of(found), found.person

    assert (body.kind, body.form, body.is_request) == (TouchKind.FORM, "Demo Requested", True)
    assert person is not None
    assert (person.email, person.request_text) == (address, "Please call")
    assert person.custom["seats"] == "12"
    assert body.facts.text("lead.title") == "Head of IT"
    assert body.facts.text("lead.language") == "de"
    assert body.facts.text("touch.referrer") == "www.search.example"
    assert [key.kind for key in body.identity_keys] == [
        IdentityKind.EMAIL,
        IdentityKind.SENDER,
        IdentityKind.ANONYMOUS,
    ]
    assert "192.0.2.7" not in repr(person.model_dump())


async def test_a_clock_that_goes_wrong_is_set_right_and_a_resend_is_the_same_touch(
    told: IngestSettings, client: httpx.AsyncClient
) -> None:
    theirs = datetime(2031, 1, 1, tzinfo=UTC)
    said = call(name="Start", originalTimestamp=(theirs - timedelta(minutes=10)).isoformat())
    first = await taken(told, client, "screen", {**said, "sentAt": theirs.isoformat()})
    later = (theirs + timedelta(seconds=7)).isoformat()
    second = await taken(told, client, "screen", {**said, "sentAt": later})

    age = body_of(first).received_at - first.event.occurred_at
    assert age == timedelta(minutes=10)
    assert second.event.id == first.event.id


async def test_an_unknown_key_is_401_and_too_much_is_400(client: httpx.AsyncClient) -> None:
    for headers in ({}, basic("no-one-s")):
        answer = await client.post("/v1/identify", json=call(), headers=headers)
        assert answer.status_code == 401
        assert "write key" in answer.json()["detail"]
    large = call(traits={"x": "y" * 33_000})
    many = {"batch": [call(type="page", traits={"x": "y" * 30_000}) for _ in range(18)]}
    for path, said in (("identify", large), ("batch", many)):
        assert (await client.post(f"/v1/{path}", json=said, headers=basic(KEY))).status_code == 400
    bomb = gzip.compress(b" " * 40_000_000)
    packed = {**basic(KEY), "content-encoding": "gzip"}
    assert (await client.post("/v1/b", content=bomb, headers=packed)).status_code == 400
    garbled = await client.post("/v1/track", content=b'{"a":', headers={"origin": PAGE})
    assert garbled.status_code == 400


async def test_a_key_leads_to_its_own_source(
    told: IngestSettings, client: httpx.AsyncClient
) -> None:
    answer = await client.post("/v1/page", json=call(), headers=basic(OTHER))
    found = await recorded(told, answer.headers["x-baton-touch-id"])
    assert body_of(found).source == "shop"


async def test_a_page_of_a_listed_host_may_ask_before_it_sends(client: httpx.AsyncClient) -> None:
    mine = await client.options("/v1/t", headers={"origin": PAGE})
    other = await client.options("/v1/t", headers={"origin": "https://elsewhere.example"})

    assert mine.headers["access-control-allow-origin"] == PAGE
    assert "authorization" in mine.headers["access-control-allow-headers"]
    assert "access-control-allow-origin" not in other.headers
