"""Touches in Baton's own words: rows in, touches on Kafka, and refusals that name the place."""

import hashlib
import json
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from contracts.event import Mode
from contracts.events.kinds import ConsentState, IdentityKind, Purpose
from contracts.events.touches import TouchRecorded
from contracts.topics import MARKETING_TOUCHES
from ingest.settings import IngestSettings
from tests.integration.ingest.house import prepared, read_all, running
from tests.support.servers import Servers

TOKEN = "baton_made_up_for_this_test"
BEARER = {"authorization": f"Bearer {TOKEN}"}
NDJSON = {**BEARER, "content-type": "application/x-ndjson"}
AT = "2026-03-01T10:00:00Z"


@pytest.fixture(scope="module")
async def told(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> IngestSettings:
    access = tmp_path_factory.mktemp("access") / "access.yaml"
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    access.write_text(
        f"tokens:\n  - {{name: crm, sha256: {digest}, scopes: [write], expires: null}}\n"
    )
    access.chmod(0o600)
    return (await prepared(servers, prefix)).model_copy(update={"access": access})


@pytest.fixture(scope="module")
async def client(told: IngestSettings) -> AsyncIterator[httpx.AsyncClient]:
    async with running(told) as (_, client):
        yield client


def row(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - a row's fields
    return {"id": uuid.uuid4().hex, "kind": "event", "person": {"email": "m@b.example"}, **more}


async def recorded(told: IngestSettings, ids: list[str]) -> list[Any]:
    found = {
        str(each.event.body.touch_id): each
        for each in await read_all(told, MARKETING_TOUCHES)
        if isinstance(each.event.body, TouchRecorded)
    }
    return [found[each] for each in ids]


async def test_one_row_an_array_and_lines_are_the_same_touches(
    told: IngestSettings, client: httpx.AsyncClient
) -> None:
    rows = [row(), row()]
    one = await client.post("/v1/touches", json=rows[0], headers=BEARER)
    many = await client.post("/v1/touches", json=rows, headers=BEARER)
    lines = "\n".join(json.dumps(each) for each in rows) + "\n\n"
    told_by_line = await client.post("/v1/touches", content=lines, headers=NDJSON)

    assert one.status_code == many.status_code == told_by_line.status_code == 200
    assert many.json() == told_by_line.json()
    assert many.json()["accepted"] == 2
    assert many.json()["touch_ids"][0] == one.json()["touch_ids"][0]
    first, second = await recorded(told, many.json()["touch_ids"])
    assert first.event.body.source == second.event.body.source == "crm"
    assert first.event.body.source_kind == "native"


async def test_a_row_says_in_words_of_its_own_what_a_source_says_for_others(
    told: IngestSettings, client: httpx.AsyncClient
) -> None:
    answer = await client.post(
        "/v1/touches",
        json=row(
            source="webinar",
            occurred_at=AT,
            channel="event",
            campaign="kestrel-live",
            page="https://www.kestrel.example/live?x=1",
            utm={"utm_source": "google"},
            click_ids={"gclid": "Case_Sensitive"},
            anonymous_id="browser-1",
            person={"email": "Maya@Brightwell.example", "phone": "020 7183 8750"},
            facts={
                "lead.country": "United Kingdom",
                "company.employees": "51-200",
                "custom.vip": 1,
            },
            consent={"contact": "asked", "ads_feedback": "granted"},
            custom={"seat": "12"},
        ),
        headers=BEARER,
    )

    (message,) = await recorded(told, answer.json()["touch_ids"])
    body = message.event.body
    assert (body.source, body.channel, body.campaign_id) == ("webinar", "event", "kestrel-live")
    assert body.is_request
    assert body.consent[Purpose.CONTACT].state is ConsentState.ASKED
    assert body.facts["lead.country"] == "GB"
    assert body.facts["company.employees"] == 51
    assert body.facts["custom.vip"] == 1
    assert body.facts["touch.path"] == "/live"
    assert [each.kind for each in body.identity_keys] == [
        IdentityKind.EMAIL,
        IdentityKind.PHONE,
        IdentityKind.ANONYMOUS,
    ]
    assert message.event.occurred_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert message.person.email == "Maya@brightwell.example"
    assert message.person.phone == "+442071838750"
    assert message.person.sender_ids == {"gclid": "Case_Sensitive"}
    assert message.person.custom == {"seat": "12"}


async def test_history_is_marked_and_the_same_however_often_it_is_told(
    told: IngestSettings, client: httpx.AsyncClient
) -> None:
    past = row(historical=True, occurred_at=AT)
    del past["id"]
    first = await client.post("/v1/touches", json=past, headers=BEARER)
    again = await client.post("/v1/touches", json=[past], headers=BEARER)
    tested = await client.post("/v1/touches", json=row(is_test=True), headers=BEARER)

    assert again.json() == first.json()
    (message,) = await recorded(told, first.json()["touch_ids"])
    assert message.event.mode is Mode.HISTORICAL
    (message,) = await recorded(told, tested.json()["touch_ids"])
    assert message.event.mode is Mode.TEST


async def test_a_repeat_under_a_key_gets_the_same_answer_and_another_body_a_conflict(
    client: httpx.AsyncClient,
) -> None:
    keyed = {**BEARER, "idempotency-key": uuid.uuid4().hex}
    anonymous = {"anonymous_id": "b", "kind": "page"}
    first = await client.post("/v1/touches", json=[anonymous, anonymous], headers=keyed)
    again = await client.post("/v1/touches", json=[anonymous, anonymous], headers=keyed)
    other = await client.post("/v1/touches", json=anonymous, headers=keyed)

    assert first.json() == again.json()
    assert len(set(first.json()["touch_ids"])) == 2
    assert other.status_code == 409


TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"kind": "visit"}, "kind"),
    ({"kind": "erasure"}, "kind"),
    ({"occurred_at": "yesterday"}, "occurred_at"),
    ({"occurred_at": "2026-03-01T10:00:00"}, "occurred_at"),
    ({"occurred_at": TOMORROW}, "occurred_at"),
    ({"historical": True}, "occurred_at"),
    ({"facts": {"lead.titel": "x"}}, "facts.lead.titel"),
    ({"facts": {"lead.is_test": True}}, "facts.lead.is_test"),
    ({"consent": {"contact": "withdrawn"}}, "consent.contact"),
    ({"person": {"mail": "secret@b.example"}}, "person.mail"),
    ({"utm": {"source": "x"}}, "utm.source"),
    ({"nobody": 1}, "nobody"),
    ({"id": None, "person": {}}, "body"),
]


async def test_a_row_that_is_wrong_is_told_where_and_nothing_of_the_call_is_taken(
    told: IngestSettings, client: httpx.AsyncClient
) -> None:
    before = len(await read_all(told, MARKETING_TOUCHES))
    for wrong, field in WRONG:
        lines = "\n".join(json.dumps(each) for each in (row(), row() | wrong))
        one = await client.post("/v1/touches", json=row() | wrong, headers=BEARER)
        many = await client.post("/v1/touches", content=lines, headers=NDJSON)

        assert one.status_code == many.status_code == 422
        assert [each["field"] for each in one.json()["errors"]] == [field]
        place = "line 2" if field == "body" else f"line 2, {field}"
        assert [each["field"] for each in many.json()["errors"]] == [place]
        assert "secret@" not in one.text + many.text
    assert len(await read_all(told, MARKETING_TOUCHES)) == before


async def test_what_are_no_rows_is_refused(client: httpx.AsyncClient) -> None:
    async def post(content: str, kind: str = "application/json", token: str = TOKEN) -> int:
        headers = {"authorization": f"Bearer {token}", "content-type": kind}
        return (await client.post("/v1/touches", content=content, headers=headers)).status_code

    assert await post("[]") == 422
    assert await post("{") == 400
    assert await post('{"kind": "page"}\n{', "application/x-ndjson") == 400
    assert await post("\n \n", "application/x-ndjson") == 422
    assert await post("kind\npage", "text/csv") == 415
    assert await post(json.dumps([{}] * 1_001)) == 413
    assert await post("{}", token="baton_another") == 401


async def test_half_a_character_is_cleaned_and_costs_no_row(
    told: IngestSettings, client: httpx.AsyncClient
) -> None:
    text = json.dumps(row(person={"email": "half@brightwell.example", "last_name": "Bad\ud800"}))
    one = await client.post(
        "/v1/touches", content=text, headers={**BEARER, "content-type": "application/json"}
    )
    lines = await client.post("/v1/touches", content=f"{text}\n", headers=NDJSON)

    assert one.status_code == lines.status_code == 200, one.text
    (message,) = await recorded(told, one.json()["touch_ids"])
    assert message.person.last_name == "Bad"
