"""A 2xx means durable: in Kafka, or in the spool that a sweep brings there; else 503."""

import asyncio
import shutil
from pathlib import Path

import httpx
import pytest

from chassis.policies.errors import PolicyRefused
from chassis.runtime import Runtime
from contracts.events.touches import TouchRecorded
from contracts.topics import MARKETING_TOUCHES
from ingest.app import SERVICE
from ingest.settings import IngestSettings
from tests.integration.ingest.house import (
    CONFIG,
    NOBODY,
    cut_off,
    prepared,
    read_all,
    running,
    settings_of,
    spooled,
)
from tests.integration.ingest.test_doors import GOOGLE, lead
from tests.support.awaiting import until
from tests.support.servers import Servers

TOUCH = "x-baton-touch-id"
BOTH = 2


@pytest.fixture(scope="module")
async def settings(servers: Servers, prefix: str) -> IngestSettings:
    return await prepared(servers, prefix)


async def on_kafka(settings: IngestSettings) -> list[str]:
    found = await read_all(settings, MARKETING_TOUCHES)
    return [
        str(each.event.body.touch_id)
        for each in found
        if isinstance(each.event.body, TouchRecorded)
    ]


async def test_without_kafka_touches_go_to_the_spool_and_are_swept_when_it_is_back(
    servers: Servers, prefix: str, settings: IngestSettings
) -> None:
    away = await settings_of(servers, prefix, kafka_bootstrap=NOBODY, kafka_first_s=0)
    async with running(away) as (runtime, client):
        answers = [await client.post(GOOGLE, json=lead()) for _ in range(5)]
        sent = [each.headers[TOUCH] for each in answers]
        assert [each.status_code for each in answers] == [200] * 5
        assert await spooled(runtime) >= len(sent)
        still = (await client.get("/still")).json()
        assert (still["still"], still["lag"] >= len(sent)) == (False, True)
    assert not set(sent) & set(await on_kafka(settings))

    async with running(settings) as (runtime, client):

        async def swept() -> bool:
            return await spooled(runtime) == 0

        await until(swept, "the sweep")
        assert [each for each in await on_kafka(settings) if each in sent]
        assert sorted(each for each in await on_kafka(settings) if each in sent) == sorted(sent)
        after = await client.post(GOOGLE, json=lead())
        assert await spooled(runtime) == 0
        assert after.headers[TOUCH] in await on_kafka(settings)


async def test_two_instances_sweep_one_spool_and_send_each_touch_once(
    servers: Servers, prefix: str, settings: IngestSettings
) -> None:
    away = await settings_of(servers, prefix, kafka_bootstrap=NOBODY, kafka_first_s=0)
    async with running(away) as (_, client):
        sent = [(await client.post(GOOGLE, json=lead())).headers[TOUCH] for _ in range(20)]

    async with running(settings) as (runtime, _), running(settings.model_copy()) as (_other, _2):

        async def swept() -> bool:
            return await spooled(runtime) == 0

        await until(swept, "the sweep")
    found = await on_kafka(settings)
    assert [found.count(each) for each in sent] == [1] * len(sent)


async def test_without_postgres_touches_go_on_as_usual(
    servers: Servers, prefix: str, settings: IngestSettings
) -> None:
    async with running(settings) as (runtime, client):
        await client.post(GOOGLE, json=lead())
        async with cut_off(servers, prefix, runtime):
            answer = await client.post(GOOGLE, json=lead())
            assert answer.status_code == httpx.codes.OK
        assert answer.headers[TOUCH] in await on_kafka(settings)


@pytest.mark.usefixtures("settings")
async def test_without_both_the_sender_is_told_to_come_back(servers: Servers, prefix: str) -> None:
    away = await settings_of(servers, prefix, kafka_bootstrap=NOBODY, kafka_first_s=0)
    async with running(away) as (runtime, client), cut_off(servers, prefix, runtime):
        answers = [await client.post(GOOGLE, json=lead()) for _ in range(BOTH)]

    for answer in answers:
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        assert TOUCH not in answer.headers


@pytest.mark.usefixtures("settings")
async def test_a_burst_while_kafka_is_away_is_all_kept(servers: Servers, prefix: str) -> None:
    away = await settings_of(servers, prefix, kafka_bootstrap=NOBODY, kafka_first_s=0)
    async with running(away) as (runtime, client):
        before = await spooled(runtime)
        answers = await asyncio.gather(*(client.post(GOOGLE, json=lead()) for _ in range(50)))
        assert {each.status_code for each in answers} == {200}
        assert await spooled(runtime) == before + len(answers)


async def test_demo_secrets_are_refused_in_production_with_the_place_they_stand_at(
    servers: Servers, prefix: str, tmp_path: Path
) -> None:
    access = tmp_path / "access.yaml"
    access.write_text("tokens: []\n")
    production = await settings_of(
        servers,
        prefix,
        mode="production",
        access=access,
        instance="ingest-0",
        public_url="https://in.firm.example",
        port=0,
    )
    with pytest.raises(PolicyRefused) as refused:
        Runtime(SERVICE, production)

    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"{CONFIG / 'sources.yaml'}:9:")
    assert "refused in production" in line


async def test_the_page_to_try_is_not_there_in_production(
    servers: Servers, prefix: str, settings: IngestSettings, tmp_path: Path
) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    shutil.copytree(CONFIG / "lists", folder / "lists")
    text = (CONFIG / "sources.yaml").read_text()
    key = tmp_path / "key"
    key.write_text("a-real-key\n")
    (folder / "sources.yaml").write_text(text.replace("demo:demo-google-key", f"file:{key}"))
    access = tmp_path / "access.yaml"
    access.write_text("tokens: []\n")
    production = await settings_of(
        servers,
        prefix,
        mode="production",
        access=access,
        instance="ingest-9",
        public_url="https://in.firm.example",
        config=folder,
    )
    assert settings.postgres_schema == production.postgres_schema
    async with running(production) as (_, client):
        assert (await client.get("/try")).status_code == httpx.codes.NOT_FOUND

        async def real_key() -> bool:
            answer = await client.post(GOOGLE, json=lead(google_key="a-real-key"))
            return answer.status_code == httpx.codes.OK

        await until(real_key, "the version with the real key to take force")
        wrong = await client.post(GOOGLE, json=lead())
        assert wrong.status_code == httpx.codes.FORBIDDEN
        form = await client.post("/v1/sources/website", data={"email": "a@b.example"})
        assert form.headers["location"] == "https://www.kestrel.example/thanks"
