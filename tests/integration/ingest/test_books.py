"""What each source shows of itself, how fast it may send, and what is said when it falls silent."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from baton.local.ports import free_ports
from chassis.runtime import Runtime
from contracts.event import Message, Mode
from contracts.events.sources import SourceHeard, SourceSilent
from contracts.topics import MARKETING_SOURCES, MARKETING_TOUCHES
from ingest.settings import IngestSettings
from tests.integration.ingest.admin import (
    BEARER,
    SOURCES,
    access_file,
    generic,
    made,
    named,
    send,
    shown,
)
from tests.integration.ingest.house import prepared, read_all, running
from tests.integration.ingest.test_doors import lead
from tests.support.awaiting import until
from tests.support.servers import Servers

BEGINNING = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
async def settings(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> IngestSettings:
    access = access_file(tmp_path_factory.mktemp("access"))
    more = {"access": access, "max_body_bytes": 20_000, "kafka_within_s": 10}
    return (await prepared(servers, prefix)).model_copy(update=more)


@pytest.fixture(scope="module")
async def house(settings: IngestSettings) -> AsyncIterator[tuple[Runtime, httpx.AsyncClient]]:
    async with running(settings) as both:
        yield both


@pytest.fixture
def client(house: tuple[Runtime, httpx.AsyncClient]) -> httpx.AsyncClient:
    return house[1]


async def written(client: httpx.AsyncClient, source: str, attempts: int) -> dict[str, Any]:
    """The source's view once so many attempts are written."""

    async def enough() -> dict[str, Any] | None:
        view = await shown(client, source)
        return view if len(view["attempts"]) >= attempts else None

    found = await until(enough, f"{attempts} attempts to be written")
    assert found is not None
    return found


async def test_attempts_are_shown_with_their_reasons_and_nothing_of_what_was_sent(
    client: httpx.AsyncClient,
) -> None:
    source = named()
    secret = (await made(client, generic(source, config={"origins": ["https://a.example"]})))[
        "secret"
    ]
    address = f"/v1/sources/{source}"
    canary = "canary.person@brightwell.example"
    bearer = {"authorization": f"Bearer {secret}"}
    json = {"content-type": "application/json", **bearer}
    taken = await client.post(address, json={"email": canary, "id": "A1"}, headers=bearer)
    await client.post(address, json={"email": canary, "id": "A1"}, headers=bearer)
    await send(client, source, None)
    await send(client, source, "canary-wrong-key")
    await client.post(address, content=b'{"email": "canary', headers=json)
    await client.post(
        address, json={"email": canary}, headers={**bearer, "origin": "https://other.example"}
    )
    view = await written(client, source, 6)

    attempts = [(each["outcome"], each["why"], each["status"]) for each in view["attempts"]]
    assert attempts == [
        ("refused", "origin", 403),
        ("refused", "put_aside", 400),
        ("refused", "wrong_proof", 403),
        ("refused", "no_proof", 401),
        ("taken", None, 200),
        ("taken", None, 200),
    ]
    assert view["attempts"][-1]["touch_id"] == taken.headers["x-baton-touch-id"]
    assert view["last_good_touch"]["touch_id"] == taken.headers["x-baton-touch-id"]
    today = view["today"]
    assert (today["taken"], today["repeats"]) == (1, 1)
    assert today["refused"] == {"no_proof": 1, "origin": 1, "put_aside": 1, "wrong_proof": 1}
    assert view["days"][0] == today
    assert "canary" not in str(view)


async def test_a_source_keeps_its_last_hundred_attempts_and_all_its_counts(
    client: httpx.AsyncClient,
) -> None:
    source = named()
    await made(client, generic(source))
    for _ in range(105):
        await send(client, source, "wrong")

    async def counted() -> bool:
        today = (await shown(client, source))["today"]
        return bool(today["refused"].get("wrong_proof") == 105)

    await until(counted, "all of them to be counted")
    assert len((await shown(client, source))["attempts"]) == 100


async def test_tests_and_spam_are_counted_apart(client: httpx.AsyncClient) -> None:
    await client.post("/v1/sources/google-demo", json=lead(is_test=True))
    form = {"email": "eve@brightwell.example", "website_url": "https://spam.example"}
    await client.post("/v1/sources/website", data=form)
    google = await written(client, "google-demo", 1)
    website = await written(client, "website", 1)

    assert (google["today"]["tests"], google["today"]["taken"]) == (1, 0)
    assert google["last_good_touch"] is None
    assert (website["today"]["spam"], website["today"]["taken"]) == (1, 0)
    assert website["last_good_touch"] is not None


async def test_a_source_that_sends_more_than_its_limit_is_told_when_to_come_again(
    client: httpx.AsyncClient,
) -> None:
    source = named()
    secret = (await made(client, generic(source, config={"limit": "3 per 1h"})))["secret"]
    for _ in range(5):
        assert (await send(client, source, "wrong")).status_code == httpx.codes.FORBIDDEN
    answers = [await send(client, source, secret) for _ in range(4)]

    assert [each.status_code for each in answers] == [200, 200, 200, 503]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 1200
    view = await written(client, source, 9)
    assert view["attempts"][0]["why"] == "limited"


async def test_a_sample_by_the_public_address_ends_as_a_test_lead_on_kafka(
    settings: IngestSettings,
) -> None:
    (port,) = free_ports(1)
    at = settings.model_copy(update={"port": port, "public_url": f"http://127.0.0.1:{port}"})
    async with running(at) as (_, client):
        source = named()
        await made(client, generic(source))
        for each in (source, "google-demo", "website"):
            answer = await client.post(f"{SOURCES}/{each}/test", headers=BEARER)
            told = answer.json()
            assert (answer.status_code, told["status"] in {200, 303}) == (200, True), told
            found = await touch(settings, told["touch_id"])
            assert found.event.mode is Mode.TEST
        view = await written(client, source, 1)
    assert view["today"]["tests"] == 1


async def test_a_sample_that_does_not_get_through_says_what_to_look_at(
    settings: IngestSettings,
) -> None:
    at = settings.model_copy(update={"public_url": "http://127.0.0.1:1"})
    async with running(at) as (_, client):
        answer = await client.post(f"{SOURCES}/google-demo/test", headers=BEARER)
        unknown = await client.post(f"{SOURCES}/{named()}/test", headers=BEARER)

    assert (answer.status_code, answer.json()["status"]) == (200, None)
    assert "BATON_PUBLIC_URL" in answer.json()["next"]
    assert unknown.status_code == httpx.codes.NOT_FOUND


async def touch(settings: IngestSettings, touch_id: str) -> Message:
    found = await read_all(settings, MARKETING_TOUCHES)
    return next(each for each in found if str(getattr(each.event.body, "touch_id", "")) == touch_id)


async def test_silence_is_said_once_and_so_is_its_end(
    servers: Servers, prefix: str, settings: IngestSettings
) -> None:
    """On the simulated clock, with two instances that both watch."""
    own = f"{prefix}s"
    simulated = (await prepared(servers, own)).model_copy(
        update={"access": settings.access, "clock": "simulated"}
    )
    await servers.start_clock(own, BEGINNING)
    other = simulated.model_copy(update={"instance": "ingest-1"})
    async with running(simulated) as (runtime, client), running(other):
        source, quick = named("quiet"), named("busy")
        expect = {"expect": {"at_least": "1 per 2d"}}
        secret = (await made(client, generic(source, config=expect)))["secret"]
        several = {"expect": {"at_least": "3 per 6h"}, "limit": "90 per 1m"}
        often = (await made(client, generic(quick, config=several)))["secret"]
        await send(client, source, secret)
        for _ in range(4):
            await send(client, quick, often)
        await written(client, quick, 4)
        await until(lambda: watched(runtime, source, quick, "google-demo"), "all to be watched")
        heard_at = (await shown(client, source))["last_good_touch"]["at"]

        servers.set_clock(own, BEGINNING + timedelta(days=2, minutes=5))
        silent = await said(simulated, SourceSilent, 3)
        last_heard = {each.source: each.last_heard_at for each in silent}
        assert last_heard.keys() == {source, quick, "google-demo"}
        assert last_heard["google-demo"] is None
        first = next(each for each in silent if each.source == source)
        assert (first.expected, str(first.last_heard_at)) == ("1 per 2d", heard_at_text(heard_at))
        assert first.policies.keys() == {"sources"}
        assert (await shown(client, source))["silent_since"] is not None

        servers.set_clock(own, BEGINNING + timedelta(days=3))
        await send(client, source, secret, id=uuid.uuid4().hex)
        (again,) = await said(simulated, SourceHeard, 1)
        assert (again.source, again.silent_since) == (source, first.last_heard_at)
        assert (await shown(client, source))["silent_since"] is None
        assert len(await said(simulated, SourceSilent, 3)) == len(silent)


async def watched(runtime: Runtime, *sources: str) -> bool:
    async with runtime.database.transaction() as tx:
        rows = await tx.fetch(
            "SELECT FROM source_heard WHERE source = ANY($1) AND watched_since IS NOT NULL", sources
        )
    return len(rows) == len(sources)


def heard_at_text(text: str) -> str:
    return str(datetime.fromisoformat(text))


async def said(settings: IngestSettings, kind: type[Any], number: int) -> list[Any]:
    """The bodies of this kind once so many were said."""

    async def enough() -> list[Any] | None:
        found = await read_all(settings, MARKETING_SOURCES)
        bodies = [each.event.body for each in found if isinstance(each.event.body, kind)]
        return bodies if len(bodies) >= number else None

    found = await until(enough, f"{number} {kind.__name__}")
    assert found is not None
    return found
