"""Doors of the running ingest: what is accepted lies on Kafka, what is not leaves nothing."""

import json
import logging
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from chassis.runtime import Runtime
from contracts.event import Mode
from contracts.events.kinds import ConsentState, Purpose
from contracts.events.policies import PolicyPublished
from contracts.events.touches import TouchRecorded
from contracts.topics import MARKETING_TOUCHES, POLICIES
from ingest.settings import IngestSettings
from tests.integration.ingest.house import prepared, read_all, running, spooled
from tests.support.awaiting import until
from tests.support.servers import Servers

GOOGLE = "/v1/sources/google-demo"
WEBSITE = "/v1/sources/website"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def lead(**more: object) -> dict[str, Any]:
    """A body as Google sends it."""
    return {
        "google_key": "demo-google-key",
        "lead_id": uuid.uuid4().hex,
        "api_version": "1.0",
        "form_id": 40023711,
        "campaign_id": 9223372036854775807,
        "gcl_id": "EAIaIQ-Case_Sensitive",
        "user_column_data": [
            {"column_id": "FULL_NAME", "string_value": "Maya Okafor"},
            {"column_id": "EMAIL", "string_value": "maya.okafor@brightwell.example"},
            {"column_id": "PHONE_NUMBER", "string_value": "020 7183 8750"},
            {"column_id": "COMPANY_NAME", "string_value": "Brightwell Logistics"},
            {"column_id": "COMPANY_SIZE", "string_value": "51-200"},
            {"column_id": "JOB_TITLE", "string_value": "Head of Operations"},
            {"column_id": "COUNTRY", "string_value": "United Kingdom"},
            {"column_id": "FAVOURITE", "string_value": "blue\u0000 sky"},
        ],
        **more,
    }


@pytest.fixture(scope="module")
async def settings(servers: Servers, prefix: str) -> IngestSettings:
    return await prepared(servers, prefix)


@pytest.fixture(scope="module")
async def house(settings: IngestSettings) -> AsyncIterator[tuple[Runtime, httpx.AsyncClient]]:
    async with running(settings) as both:

        async def policy_swept() -> bool:
            return await spooled(both[0]) == 0

        await until(policy_swept, "the policy's way out of the spool")
        yield both


@pytest.fixture
def client(house: tuple[Runtime, httpx.AsyncClient]) -> httpx.AsyncClient:
    return house[1]


async def touches(settings: IngestSettings, touch_id: str) -> list[Any]:
    found = await read_all(settings, MARKETING_TOUCHES)
    return [
        each
        for each in found
        if isinstance(each.event.body, TouchRecorded) and str(each.event.body.touch_id) == touch_id
    ]


async def test_a_google_lead_is_answered_with_200_and_an_empty_object_and_lies_on_kafka(
    client: httpx.AsyncClient, settings: IngestSettings
) -> None:
    answer = await client.post(GOOGLE, json=lead())

    assert (answer.status_code, answer.json()) == (200, {})
    (message,) = await touches(settings, answer.headers["x-baton-touch-id"])
    body, person = message.event.body, message.person
    assert person.email == "maya.okafor@brightwell.example"
    assert person.phone == "+442071838750"
    assert person.full_name == "Maya Okafor"
    assert person.sender_ids == {"gclid": "EAIaIQ-Case_Sensitive"}
    assert person.custom == {"FAVOURITE": "blue  sky"}
    assert body.campaign_id == "9223372036854775807"
    assert body.consent[Purpose.CONTACT].state is ConsentState.ASKED
    assert body.facts.as_json() == {
        "company.domain": "brightwell.example",
        "company.employees": 51,
        "company.name": "Brightwell Logistics",
        "lead.country": "GB",
        "lead.email_is_disposable": False,
        "lead.email_is_free": False,
        "lead.email_is_role": False,
        "lead.has_email": True,
        "lead.has_phone": True,
        "lead.is_test": False,
        "lead.title": "Head of Operations",
        "touch.campaign": "9223372036854775807",
        "touch.channel": "paid-search",
        "touch.form": "40023711",
        "touch.is_request": True,
        "touch.is_spam": False,
        "touch.kind": "ad_lead",
        "touch.source": "google-demo",
        "touch.source_kind": "google_ads",
    }


async def test_a_retry_is_the_same_touch_with_the_same_bytes_of_content(
    client: httpx.AsyncClient, settings: IngestSettings
) -> None:
    body = lead()
    first, second = [(await client.post(GOOGLE, json=body)) for _ in range(2)]

    told = await touches(settings, first.headers["x-baton-touch-id"])
    assert second.headers["x-baton-touch-id"] == first.headers["x-baton-touch-id"]
    assert len({each.event.body.content_hash for each in told}) == 1
    assert len({each.event.id for each in told}) == 1


async def test_googles_test_button_gives_a_touch_that_is_marked(
    client: httpx.AsyncClient, settings: IngestSettings
) -> None:
    body = lead(is_test=True)
    body["Google_key"] = body.pop("google_key")
    answer = await client.post(GOOGLE, json=body)

    (message,) = await touches(settings, answer.headers["x-baton-touch-id"])
    assert message.event.mode is Mode.TEST
    assert message.event.body.facts["lead.is_test"] is True


async def test_a_form_is_answered_with_303_to_the_page_that_shows_its_walk(
    client: httpx.AsyncClient, settings: IngestSettings
) -> None:
    fields = {
        "name": "Robin Sample",
        "email": "robin@sample-works.example",
        "form": "contact-sales",
        "message": "Call me,\r\nplease",
        "utm_medium": "cpc",
        "utm_source": "google",
        "marketing_ok": "yes",
        "is_test": "true",
    }
    answer = await client.post(WEBSITE, data=fields, headers={"origin": "http://localhost:8001"})

    touch_id = answer.headers["x-baton-touch-id"]
    assert answer.status_code == httpx.codes.SEE_OTHER
    assert answer.headers["location"] == f"http://localhost:8005/walk?touch={touch_id}"
    (message,) = await touches(settings, touch_id)
    body, person = message.event.body, message.person
    assert person.request_text == "Call me,\nplease"
    assert person.custom == {"marketing_ok": "yes", "is_test": "true"}
    assert (body.form, body.channel, message.event.mode) == (
        "contact-sales",
        "paid-search",
        Mode.LIVE,
    )
    assert body.consent[Purpose.ADS_FEEDBACK].state is ConsentState.GRANTED


async def test_a_script_that_asks_for_json_gets_json_and_may_read_the_touch(
    client: httpx.AsyncClient,
) -> None:
    origin = "https://www.kestrel.example"
    headers = {"accept": "application/json", "origin": origin}
    answer = await client.post(WEBSITE, data={"email": "a@b.example"}, headers=headers)

    assert answer.json() == {"touch_id": answer.headers["x-baton-touch-id"]}
    assert answer.headers["access-control-allow-origin"] == origin


async def test_a_page_may_read_that_its_body_is_too_large_however_its_length_is_told(
    client: httpx.AsyncClient,
) -> None:
    async def streamed() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield b"x" * 100_000

    origin = "https://www.kestrel.example"
    for body in (b"x" * 1_200_000, streamed()):
        answer = await client.post(WEBSITE, content=body, headers=FORM | {"origin": origin})

        assert answer.status_code == 413
        assert answer.headers["access-control-allow-origin"] == origin


REFUSED = [
    ("/v1/sources/nowhere", b"{}", {}, 404, ""),
    (GOOGLE, b"{", {}, 400, ""),
    (GOOGLE, b"[" * 5_000, {}, 400, ""),
    (GOOGLE, b'{"a": NaN}', {}, 400, ""),
    (GOOGLE, b"[]", {}, 422, '"errors":[{"field":"body"'),
    (GOOGLE, b"{}", {}, 401, ""),
    (GOOGLE, b'{"google_key": "wrong"}', {}, 403, "not-admitted"),
    (GOOGLE, json.dumps(lead(user_column_data="x@secret.example")).encode(), {}, 422, "user_col"),
    (GOOGLE, json.dumps(lead(lead_id=["x@secret.example"])).encode(), {}, 422, "lead_id"),
    (GOOGLE, json.dumps(lead(form_id=1.5)).encode(), {}, 422, "form_id"),
    (GOOGLE, b" " * 1_100_000, {}, 413, ""),
    (WEBSITE, b"a=b", {"content-type": "text/plain"}, 415, ""),
    (WEBSITE, b"a=b", FORM | {"origin": "https://evil.example"}, 403, "not-admitted"),
    (WEBSITE, b"a=", FORM, 422, "at least one field"),
    (WEBSITE, b"&".join(b"a=b" for _ in range(600)), FORM, 413, ""),
    (WEBSITE, b"a=b", FORM | {"idempotency-key": "has space"}, 400, ""),
]


@pytest.mark.parametrize(("path", "body", "headers", "status", "field"), REFUSED)
async def test_what_is_not_right_is_refused_and_leaves_nothing_and_nobody_in_the_log(  # noqa: PLR0917
    house: tuple[Runtime, httpx.AsyncClient],
    settings: IngestSettings,
    caplog: pytest.LogCaptureFixture,
    path: str,
    body: bytes,
    headers: dict[str, str],
    status: int,
    field: str,
) -> None:
    runtime, client = house
    before = len(await read_all(settings, MARKETING_TOUCHES))
    with caplog.at_level(logging.DEBUG):
        answer = await client.post(path, content=body, headers=headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret.example" not in answer.text
    assert field in answer.text
    assert "x-baton-touch-id" not in answer.headers
    assert "secret.example" not in caplog.text
    assert len(await read_all(settings, MARKETING_TOUCHES)) == before
    assert await spooled(runtime) == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_other_methods_are_told_which_one_there_is(
    client: httpx.AsyncClient, method: str
) -> None:
    answer = await client.request(method, GOOGLE)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_half_a_character_does_not_lose_the_lead(
    client: httpx.AsyncClient, settings: IngestSettings
) -> None:
    body = json.dumps(lead()).replace("Maya Okafor", "Maya \\ud800 Okafor")
    answer = await client.post(GOOGLE, content=body)

    (message,) = await touches(settings, answer.headers["x-baton-touch-id"])
    assert message.person.full_name == "Maya Okafor"


async def test_the_page_to_try_posts_to_the_form_and_needs_nothing_from_elsewhere(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/try")

    assert page.status_code == httpx.codes.OK
    assert f'action="{WEBSITE}"' in page.text
    assert "http" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "form-action 'self' http://localhost:8005" in page.headers["content-security-policy"]


async def test_the_policy_of_sources_is_published_without_sequence_headers_and_without_secrets(
    settings: IngestSettings,
    house: tuple[Runtime, httpx.AsyncClient],
) -> None:
    async def published() -> list[PolicyPublished]:
        found = await read_all(settings, POLICIES)
        return [e.event.body for e in found if isinstance(e.event.body, PolicyPublished)]

    (body,) = await until(published, "the policy on its topic")
    assert body.kind == "sources"
    assert set(body.content) == {"policy", "sources", "channels", "campaigns"}
    assert await spooled(house[0]) == 0
