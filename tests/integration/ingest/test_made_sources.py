"""Sources that the API makes: shown once, sealed in the table, known to every instance at once."""

import asyncio
import base64
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from chassis.runtime import Runtime
from contracts.topics import MARKETING_TOUCHES
from ingest.settings import IngestSettings
from tests.integration.ingest.admin import (
    BEARER,
    READER,
    SOURCES,
    STRONG,
    access_file,
    generic,
    made,
    named,
    send,
    shown,
)
from tests.integration.ingest.house import cut_off, prepared, read_all, running
from tests.support.awaiting import until
from tests.support.servers import Servers

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
async def settings(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> IngestSettings:
    access = access_file(tmp_path_factory.mktemp("access"))
    return (await prepared(servers, prefix)).model_copy(update={"access": access})


@pytest.fixture(scope="module")
async def house(settings: IngestSettings) -> AsyncIterator[tuple[Runtime, httpx.AsyncClient]]:
    async with running(settings) as both:
        yield both


@pytest.fixture
def client(house: tuple[Runtime, httpx.AsyncClient]) -> httpx.AsyncClient:
    return house[1]


async def test_a_made_source_takes_leads_at_once_by_the_secret_that_was_shown_once(
    client: httpx.AsyncClient, settings: IngestSettings
) -> None:
    source = named()
    answer = await made(client, generic(source, config={"label": "Partners"}))

    assert answer["secret"].startswith("bsk_")
    assert answer["url"].endswith(f"/v1/sources/{source}")
    assert (answer["origin"], answer["label"], answer["version"]) == ("api", "Partners", 1)
    taken = await send(client, source, answer["secret"])
    assert taken.status_code == httpx.codes.OK
    found = await read_all(settings, MARKETING_TOUCHES)
    assert taken.headers["x-baton-touch-id"] in {
        str(getattr(each.event.body, "touch_id", "")) for each in found
    }
    again = await shown(client, source)
    assert "secret" not in again
    assert answer["secret"] not in str(again)
    listed = (await client.get(SOURCES, headers=BEARER)).json()["items"]
    assert {"google-demo", "website", source} <= {each["id"] for each in listed}


async def test_a_repeat_by_its_key_makes_nothing_twice_and_shows_no_secret(
    client: httpx.AsyncClient,
) -> None:
    headers = {**BEARER, "idempotency-key": uuid.uuid4().hex}
    body = generic(named())
    first = await client.post(SOURCES, json=body, headers=headers)
    second = await client.post(SOURCES, json=body, headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["idempotency-replayed"] == "true"
    assert first.json()["secret"]
    assert second.json()["secret"] is None
    assert second.json()["secrets"] == first.json()["secrets"]


async def test_no_table_holds_a_secret(house: tuple[Runtime, httpx.AsyncClient]) -> None:
    runtime, client = house
    headers = {**BEARER, "idempotency-key": uuid.uuid4().hex}
    given = "CanaryGiven9f3K2mQx7Lp4Rt"
    body = generic(named(), secrets=[given])
    one = (await client.post(SOURCES, json=body, headers=headers)).json()
    two = await made(client, generic(named()))
    three = await client.post(
        f"{SOURCES}/{two['id']}/secrets", json={}, headers={**BEARER, "idempotency-key": "k1"}
    )
    values = [given, two["secret"], three.json()["secret"]]

    whole = ""
    async with runtime.database.transaction() as tx:
        tables = await tx.fetch(
            "SELECT table_name AS t FROM information_schema.tables WHERE table_schema = $1",
            runtime.settings.postgres_schema,
        )
        for table in tables:
            rows = await tx.fetch(f'SELECT t::text AS x FROM "{table["t"]}" AS t')  # noqa: S608
            whole += "".join(each["x"] for each in rows)
    assert one["secrets"][0]["fingerprint"] in whole
    for value in values:
        assert value not in whole
        assert value.encode().hex() not in whole
        assert base64.b64encode(value.encode()).decode() not in whole


async def test_two_secrets_hold_while_one_is_changed_and_the_old_one_ends(
    client: httpx.AsyncClient,
) -> None:
    source = named()
    old = (await made(client, generic(source)))["secret"]
    added = await client.post(
        f"{SOURCES}/{source}/secrets", json={"others_end_in": "24h"}, headers=BEARER
    )
    new = added.json()["secret"]

    assert added.status_code == httpx.codes.CREATED
    assert [(await send(client, source, each)).status_code for each in (old, new)] == [200, 200]
    third = await client.post(f"{SOURCES}/{source}/secrets", json={}, headers=BEARER)
    assert third.status_code == httpx.codes.CONFLICT
    first, second = (await shown(client, source))["secrets"]
    ends = datetime.fromisoformat(first["expires_at"])
    assert timedelta(hours=23) < ends - datetime.now(UTC) < timedelta(hours=25)
    assert second["expires_at"] is None
    ended = await client.delete(f"{SOURCES}/{source}/secrets/{first['id']}", headers=BEARER)
    assert ended.status_code == httpx.codes.OK
    assert (await send(client, source, old)).status_code == httpx.codes.FORBIDDEN
    assert (await send(client, source, new)).status_code == httpx.codes.OK
    last = await client.delete(f"{SOURCES}/{source}/secrets/{second['id']}", headers=BEARER)
    assert last.status_code == httpx.codes.CONFLICT


async def test_a_secret_ends_at_its_instant_and_senders_are_told_to_come_again(
    client: httpx.AsyncClient,
) -> None:
    source = named()
    await made(client, generic(source))
    soon = datetime.now(UTC) + timedelta(seconds=2)
    first = (await shown(client, source))["secrets"][0]
    added = await client.post(
        f"{SOURCES}/{source}/secrets", json={"expires_at": soon.isoformat()}, headers=BEARER
    )
    secret = added.json()["secret"]
    assert (await send(client, source, secret)).status_code == httpx.codes.OK
    await client.delete(f"{SOURCES}/{source}/secrets/{first['id']}", headers=BEARER)

    async def ended() -> bool:
        answer = await send(client, source, secret)
        return answer.status_code == httpx.codes.SERVICE_UNAVAILABLE

    await until(ended, "the secret's end")


async def test_when_a_secret_was_last_used_is_shown(client: httpx.AsyncClient) -> None:
    source = named()
    old = (await made(client, generic(source)))["secret"]
    await client.post(f"{SOURCES}/{source}/secrets", json={}, headers=BEARER)
    await send(client, source, old)

    async def used() -> bool:
        first, second = (await shown(client, source))["secrets"]
        return first["last_used_at"] is not None and second["last_used_at"] is None

    await until(used, "the use to be written")


async def test_another_instance_knows_a_new_source_and_a_new_secret_at_once(
    client: httpx.AsyncClient, settings: IngestSettings
) -> None:
    async with running(settings.model_copy(update={"instance": "ingest-1"})) as (_, other):
        source = named()
        secret = (await made(client, generic(source)))["secret"]
        assert (await send(other, source, secret)).status_code == httpx.codes.OK
        added = await client.post(f"{SOURCES}/{source}/secrets", json={}, headers=BEARER)
        assert (await send(other, source, added.json()["secret"])).status_code == httpx.codes.OK
        await client.patch(f"{SOURCES}/{source}", json={"enabled": False}, headers=BEARER)

        async def off() -> bool:
            answer = await send(other, source, secret)
            return answer.status_code == httpx.codes.SERVICE_UNAVAILABLE

        await until(off, "the other instance to hear of the change", 5)


async def test_without_postgres_known_sources_go_on_and_unknown_ones_come_again(
    servers: Servers, prefix: str, house: tuple[Runtime, httpx.AsyncClient]
) -> None:
    runtime, client = house
    source = named()
    secret = (await made(client, generic(source)))["secret"]
    async with cut_off(servers, prefix, runtime):
        assert (await send(client, source, secret)).status_code == httpx.codes.OK
        unknown = await asyncio.gather(*(send(client, named(), "x") for _ in range(5)))
        assert {each.status_code for each in unknown} == {503}
        assert all(int(each.headers["retry-after"]) > 0 for each in unknown)

    async def told() -> bool:
        return (await send(client, named(), "x")).status_code == httpx.codes.NOT_FOUND

    await until(told, "PostgreSQL to be asked again")

    async def counted() -> bool:
        return bool((await shown(client, source))["today"]["taken"])

    await until(counted, "what was noted meanwhile to be written")


async def test_a_source_is_changed_by_merging_and_checked_by_the_rules_of_the_file(
    client: httpx.AsyncClient,
) -> None:
    source = named()
    await made(client, generic(source, config={"label": "One", "country": "DE"}))
    patch = {"label": None, "limit": "600 per 1m", "consent": {"ads_feedback": "denied"}}
    changed = await client.patch(f"{SOURCES}/{source}", json={"config": patch}, headers=BEARER)

    assert changed.status_code == httpx.codes.OK
    assert (changed.json()["label"], changed.json()["version"]) == ("", 2)
    assert changed.json()["limit"] == "600 per 1m"
    assert changed.json()["config"]["consent"] == {"contact": "asked", "ads_feedback": "denied"}
    wrong = await client.patch(
        f"{SOURCES}/{source}",
        json={"config": {"channel": "No Such", "colour": 1, "limit": "3 per month"}},
        headers=BEARER,
    )
    assert wrong.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    fields = {each["field"] for each in wrong.json()["errors"]}
    assert fields == {"config.channel", "config.colour", "config.limit"}
    assert "No Such" not in wrong.text


async def test_what_cannot_be_made_is_refused_by_field(client: httpx.AsyncClient) -> None:
    source = named()
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"a": deep}
    refused = {
        "kind": {**generic(source), "kind": "fax"},
        "id": {**generic(source), "id": "Not An Id"},
        "config.channel": {"id": source, "kind": "generic"},
        "config": generic(source, config={"map": deep}),
        "config.secrets": generic(source, config={"secrets": ["env:HOME"]}),
        "secrets.0": generic(source, secrets=["too-short-a-key"]),
        "config.signed.encoding": generic(
            source, config={"signed": {"header": "x", "encoding": "morse"}}
        ),
        "named_secrets.verify": generic(source, named_secrets={"verify": "x"}),
    }
    for field, body in refused.items():
        answer = await client.post(SOURCES, json=body, headers=BEARER)
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY, field
        assert answer.headers["content-type"] == PROBLEM
        assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert (await client.get(f"{SOURCES}/{source}", headers=BEARER)).status_code == 404
    weak = await made(client, generic(source, secrets=["too-short-a-key"], accept_weak=True))
    assert weak["secrets"][0]["weak"] is True


async def test_a_source_of_the_file_is_shown_here_and_changed_there(
    client: httpx.AsyncClient,
) -> None:
    made_twice = await client.post(SOURCES, json=generic("google-demo"), headers=BEARER)
    changed = await client.patch(f"{SOURCES}/website", json={"enabled": False}, headers=BEARER)
    removed = await client.delete(f"{SOURCES}/website", headers=BEARER)

    for answer in (made_twice, changed, removed):
        assert answer.status_code == httpx.codes.CONFLICT
        assert "sources.yaml" in answer.json()["way_out"]
    google = await shown(client, "google-demo")
    assert (google["origin"], google["references"]) == ("policy", ["demo:…"])
    assert "demo-google-key" not in str(google)


async def test_a_removed_source_is_gone_and_its_id_may_be_used_again(
    client: httpx.AsyncClient,
) -> None:
    source = named()
    old = (await made(client, generic(source)))["secret"]
    again = await client.post(SOURCES, json=generic(source), headers=BEARER)
    assert again.status_code == httpx.codes.CONFLICT
    gone = await client.delete(f"{SOURCES}/{source}", headers=BEARER)

    async def is_gone() -> bool:
        # On a busy machine a look may take longer than a sender is held up: 503, and again.
        return (await send(client, source, old)).status_code == httpx.codes.NOT_FOUND

    assert gone.status_code == httpx.codes.OK
    await until(is_gone, "the source to be gone")
    new = (await made(client, generic(source, secrets=[STRONG])))["secret"]
    assert new is None
    assert (await send(client, source, old)).status_code == httpx.codes.FORBIDDEN
    assert (await send(client, source, STRONG)).status_code == httpx.codes.OK


async def test_only_operators_see_and_change_sources(client: httpx.AsyncClient) -> None:
    reader = {"authorization": f"Bearer {READER}"}
    assert (await client.get(SOURCES)).status_code == httpx.codes.UNAUTHORIZED
    assert (await client.get(SOURCES, headers=reader)).status_code == httpx.codes.FORBIDDEN
    posted = await client.post(SOURCES, json=generic(named()), headers=reader)
    assert posted.status_code == httpx.codes.FORBIDDEN


async def test_a_platform_that_dictates_its_secrets_is_set_up_by_name(
    client: httpx.AsyncClient,
) -> None:
    source, app_secret = named("meta"), "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    config = {
        "channel": "paid-social",
        "verify_token": "stored:verify",
        "fetch": {"token": "stored:page"},
    }
    body = {
        "id": source,
        "kind": "meta_lead_ads",
        "secrets": [app_secret],
        "config": config,
        "named_secrets": {"verify": "canary-verify", "page": "canary-page-token"},
    }
    refused = {
        "secrets": {**body, "secrets": []},
        "named_secrets.page": {**body, "named_secrets": {"verify": "x"}},
        "config.verify_token": {**body, "config": {**config, "verify_token": "env:HOME"}},
    }
    for field, each in refused.items():
        answer = await client.post(SOURCES, json=each, headers=BEARER)
        assert [told["field"] for told in answer.json()["errors"]] == [field]
    made_one = await made(client, body)

    assert made_one["secret"] is None
    assert {each["name"] for each in made_one["secrets"]} == {None, "verify", "page"}
    assert "canary" not in str(made_one)
    asked = {"hub.mode": "subscribe", "hub.challenge": "17"}
    right = await client.get(
        f"/v1/sources/{source}", params={**asked, "hub.verify_token": "canary-verify"}
    )
    wrong = await client.get(f"/v1/sources/{source}", params={**asked, "hub.verify_token": "other"})
    assert (right.status_code, right.text, wrong.status_code) == (200, "17", 403)
    patch = {"named_secrets": {"verify": "canary-changed"}}
    await client.patch(f"{SOURCES}/{source}", json=patch, headers=BEARER)
    changed = await client.get(
        f"/v1/sources/{source}", params={**asked, "hub.verify_token": "canary-changed"}
    )
    assert changed.status_code == httpx.codes.OK
    named_ones = [each["id"] for each in made_one["secrets"] if each["name"] == "page"]
    kept = await client.delete(f"{SOURCES}/{source}/secrets/{named_ones[0]}", headers=BEARER)
    assert kept.status_code == httpx.codes.CONFLICT


async def test_a_write_key_leads_to_one_source_and_no_secret_stands_twice(
    client: httpx.AsyncClient,
) -> None:
    def segment(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON's values
        return generic(named(), **more) | {"kind": "segment"}

    key = STRONG[::-1]
    await made(client, segment(secrets=[key]))
    again = await client.post(SOURCES, json=segment(secrets=[key]), headers=BEARER)
    twice = await client.post(SOURCES, json=segment(secrets=[STRONG, STRONG]), headers=BEARER)

    assert (again.status_code, key in again.text) == (409, False)
    assert twice.status_code == 422
    assert "stands there twice" in twice.text
