"""What platforms ask of us and we of them: challenges, leads that were missed, what is stuck."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from baton.local.ports import free_ports
from chassis.runtime import Runtime
from contracts.events.parked import MessageParked
from contracts.topics import PARKED
from ingest.settings import IngestSettings
from tests.integration.ingest.conformance.pointing import (
    of_hubspot,
    of_meta,
    signed_by_hubspot,
)
from tests.integration.ingest.conformance.wire import KEY
from tests.integration.ingest.house import cut_off, read_all, running
from tests.integration.ingest.platforms.house import (
    AS_ADMIN,
    PATHS,
    WORD,
    fetched,
    number,
    send,
    someone,
    standing,
)
from tests.support.awaiting import until
from tests.support.platforms import hubspot, linkedin, meta
from tests.support.platforms.behaving import Platform
from tests.support.servers import Servers


async def test_metas_challenge_is_given_back_bare_to_whoever_knows_the_word(
    client: httpx.AsyncClient,
) -> None:
    def asking(word: str) -> dict[str, str]:
        return {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": word}

    right = await client.get(PATHS["meta"], params=asking(WORD))
    wrong = await client.get(PATHS["meta"], params=asking("another"))
    page = await client.get(PATHS["meta"], params=asking(WORD) | {"hub.challenge": "<script>"})

    assert (right.status_code, right.text) == (200, "1158201444")
    assert right.headers["content-type"].startswith("text/plain")
    assert wrong.status_code == 403
    assert (page.status_code, "<script>" in page.text) == (400, False)
    assert (await client.get(PATHS["hubspot"])).status_code == 405


async def test_linkedins_challenge_is_signed_only_if_it_is_a_uuid(
    client: httpx.AsyncClient,
) -> None:
    code = str(uuid.uuid4())
    right = await client.get(PATHS["linkedin"], params={"challengeCode": code})
    signed = hmac.new(KEY.encode(), code.encode(), hashlib.sha256).hexdigest()

    assert right.json() == {"challengeCode": code, "challengeResponse": signed}
    for text in ('hmacsha256={"type":"LEAD_ACTION"}', f"{{{code}}}", code.replace("-", ""), ""):
        answer = await client.get(PATHS["linkedin"], params={"challengeCode": text})
        assert answer.status_code == 400
        assert "challengeResponse" not in answer.text


async def test_leads_whose_notice_never_came_are_found_by_asking_and_known_ones_stay_one(
    told: IngestSettings, client: httpx.AsyncClient, platforms: Mapping[str, Platform]
) -> None:
    known, missed = [(number(), someone()) for _ in range(2)]
    for lead, email in (known, missed):
        platforms["meta"].leads[lead] = meta.lead(lead, {"email": email})
        platforms["linkedin"].leads[lead] = linkedin.lead(lead, {"EMAIL": f"li-{email}"})
        platforms["hubspot"].leads[lead] = hubspot.contact(lead, {"email": f"hs-{email}"})
    await send(client, "meta", of_meta(known[0]))
    await fetched(told, known[1])
    for kind, prefix, count in (("meta", "", 1), ("linkedin", "li-", 2), ("hubspot", "hs-", 2)):
        path = f"/v1/admin/ingest/sources/of-{kind}/backfill"
        asked = await client.post(path, json={"since": "3d"}, headers=AS_ADMIN)
        assert asked.status_code == 202, asked.text

        async def done(path: str = path) -> bool:
            view = (await client.get(path, headers=AS_ADMIN)).json()
            return bool(view["state"] == "done")

        await until(done, "the platform to be asked")
        view = (await client.get(path, headers=AS_ADMIN)).json()
        assert (view["found"], view["missed"]) == (2, count)
        for _, email in (known, missed):
            await fetched(told, prefix + email)


@pytest.mark.parametrize(
    ("path", "asked", "status", "says"),
    [
        ("of-meta", {"since": "soon"}, 422, "a span like 3d"),
        ("of-meta", {"since": "400d"}, 422, "365 days"),
        ("of-meta", {"since": "2026-01-01T00:00:00"}, 422, "zone"),
        ("nowhere", {"since": "3d"}, 404, "no such source"),
    ],
)
async def test_an_asking_that_cannot_be_is_told_why(
    client: httpx.AsyncClient, path: str, asked: dict[str, str], status: int, says: str
) -> None:
    answer = await client.post(
        f"/v1/admin/ingest/sources/{path}/backfill", json=asked, headers=AS_ADMIN
    )
    assert (answer.status_code, says in answer.text) == (status, True), answer.text


async def test_without_postgres_a_notice_is_refused_so_that_the_platform_tells_it_again(
    servers: Servers, prefix: str, served: tuple[Runtime, httpx.AsyncClient]
) -> None:
    runtime, client = served
    async with cut_off(servers, prefix, runtime):
        answer = await send(client, "meta", of_meta(number()))

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_a_lead_that_has_gone_no_further_than_ingest_is_found_there(
    client: httpx.AsyncClient, platforms: Mapping[str, Platform]
) -> None:
    async def find(what: str) -> dict[str, Any]:
        path = "/v1/admin/ingest/find"
        answer = await client.post(path, json={"what": what}, headers=AS_ADMIN)
        assert answer.status_code == 200, answer.text
        assert "brightwell.example" not in answer.text
        return dict(answer.json())

    lead, email = number(), someone()
    platforms["meta"].throttled = 100
    await send(client, "meta", of_meta(lead))
    await send(client, "hubspot", signed_by_hubspot(json.dumps({"email": email})))

    (waits,) = (await find(lead))["fetches"]
    assert (waits["source"], waits["state"]) == ("of-meta", "waiting")
    (aside,) = (await find(email.upper()))["parked"]
    assert aside["source"] == "of-hubspot"
    nothing = await find(number())
    assert (nothing["fetches"], nothing["parked"]) == ([], [])
    platforms["meta"].throttled = 0
    # Nothing of this test may hold up the next one's source.
    done = await client.post(f"/v1/admin/ingest/fetches/{waits['id']}/retry", headers=AS_ADMIN)
    assert done.status_code == 202


async def test_a_body_that_was_put_aside_is_told_of_and_can_be_taken_up_again(
    told: IngestSettings, served: tuple[Runtime, httpx.AsyncClient]
) -> None:
    runtime, client = served
    wire = signed_by_hubspot(json.dumps({"objectId": 7}))
    answer = await send(client, "hubspot", wire)
    assert (answer.status_code, answer.content) == (200, b"{}")

    async def listed() -> list[dict[str, Any]]:
        page = await client.get("/v1/admin/ingest/parked", headers=AS_ADMIN)
        return list(page.json()["items"])

    aside = (await listed())[-1]
    assert (aside["topic"], aside["reason"]) == ("sources/of-hubspot", "malformed")
    assert "expected a list" in aside["detail"]
    told_of = await until(lambda: read_all(told, PARKED["ingest"]), "word of the parked body")
    body = told_of[0].event.body
    assert isinstance(body, MessageParked)
    assert str(body.parked_id) in {each["id"] for each in await listed()}

    async def retried(state: str) -> bool:
        return bool((await listed())[-1]["state"] == state)

    path = f"/v1/admin/ingest/parked/{aside['id']}/retry"
    assert (await client.post(path, headers=AS_ADMIN)).status_code == 202
    await until(lambda: retried("parked"), "it to be put aside again")
    assert (await listed())[-1]["tries"] == 2
    async with runtime.database.transaction() as tx:
        # A release that reads it is the usual way; here the bytes change instead.
        mended = json.dumps([{"subscriptionType": "contact.creation", "objectId": 7}]).encode()
        await tx.execute("UPDATE parked SET value = $1 WHERE id = $2", mended, aside["id"])
    assert (await client.post(path, headers=AS_ADMIN)).status_code == 202
    await until(lambda: retried("done"), "it to be read")
    assert (await standing(client, "7"))["source"] == "of-hubspot"


async def test_a_sample_that_only_points_says_that_its_notice_came_through(
    told: IngestSettings, platforms: Mapping[str, Platform]
) -> None:
    (port,) = free_ports(1)
    at = told.model_copy(update={"port": port, "public_url": f"http://127.0.0.1:{port}"})
    async with running(at) as (_, client):
        for kind in platforms:
            path = f"/v1/admin/ingest/sources/of-{kind}/test"
            tried = (await client.post(path, headers=AS_ADMIN)).json()

            assert (tried["status"], tried["touch_id"]) == (200, None), tried
            assert "the notice is in the queue" in tried["next"]


async def test_leads_of_a_source_that_is_taken_away_are_given_up(
    client: httpx.AsyncClient,
) -> None:
    source, secret, lead = f"src-{uuid.uuid4().hex[:8]}", "Zq7Xw2LpN9vB4tRk8YsD1mHc", number()
    fetch = {"token": "stored:token", "base_url": "http://127.0.0.1:1"}
    body = {
        "id": source,
        "kind": "hubspot",
        "secrets": [secret],
        "named_secrets": {"token": secret},
        "config": {"channel": "crm", "fetch": fetch},
    }
    made = await client.post("/v1/admin/ingest/sources", json=body, headers=AS_ADMIN)
    assert made.status_code == 201, made.text
    path = f"/v1/sources/{source}"
    wire = signed_by_hubspot(of_hubspot(lead).body.decode(), key=secret, path=path)
    sent = await client.post(path, content=wire.body, headers=dict(wire.headers))
    assert sent.status_code == 200
    waits = await standing(client, lead)
    gone = await client.delete(f"/v1/admin/ingest/sources/{source}", headers=AS_ADMIN)
    again = await client.post(f"/v1/admin/ingest/fetches/{waits['id']}/retry", headers=AS_ADMIN)

    assert (waits["state"], gone.status_code, again.status_code) == ("waiting", 200, 404)
    assert (await standing(client, lead))["state"] == "withdrawn"
