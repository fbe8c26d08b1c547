"""Leads that platforms only point at: fetched after the answer, through whatever platforms do."""

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from chassis.runtime import Runtime
from contracts.event import Mode
from contracts.events.kinds import IdentityKind, TouchKind
from contracts.events.parked import MessageParked
from contracts.events.touches import TouchRecorded
from contracts.topics import MARKETING_TOUCHES, PARKED
from ingest.settings import IngestSettings
from tests.integration.ingest.conformance.pointing import (
    of_hubspot,
    of_linkedin,
    of_meta,
    signed_by_hubspot,
    signed_by_meta,
)
from tests.integration.ingest.conformance.wire import KEY, PUBLIC, Wire
from tests.integration.ingest.house import cut_off, prepared, read_all, running
from tests.support.awaiting import until
from tests.support.platforms import hubspot, linkedin, meta
from tests.support.platforms.behaving import TOKEN, Platform
from tests.support.servers import Servers

ADMIN = "an-admins-token-of-enough-length"
AS_ADMIN = {"authorization": f"Bearer {ADMIN}"}
WORD = "the-word"
_ASKED = {"channel": "paid-social", "consent": {"contact": "asked"}, "secrets": [f"demo:{KEY}"]}
PATHS = {kind: f"/v1/sources/of-{kind}" for kind in ("meta", "linkedin", "hubspot")}


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


async def test_a_lead_of_meta_is_fetched_with_all_that_it_tells(
    told: IngestSettings, client: httpx.AsyncClient, platforms: Mapping[str, Platform]
) -> None:
    email, lead = someone(), number()
    fields = {"email": email, "full_name": "Zoë Brightwell", "ihr_budget": "viel – €"}
    platforms["meta"].leads[lead] = meta.lead(lead, fields)
    answer = await send(client, "meta", of_meta(lead))
    message = await fetched(told, email)

    assert (answer.status_code, answer.content) == (200, b"{}")
    body = message.event.body
    assert (message.person.first_name, message.person.last_name) == ("Zoë", "Brightwell")
    assert message.person.custom["ihr_budget"] == "viel – €"
    assert (body.form, body.campaign_id) == (meta.FORM, "120210000000001")
    assert message.event.occurred_at.isoformat() == "2026-09-21T14:13:20+00:00"
    (agent,) = platforms["meta"].agents
    assert agent["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in platforms["meta"].calls[0], "a token in an address ends in a log"


async def test_one_notice_may_hold_many_leads_and_things_of_no_concern(
    told: IngestSettings, client: httpx.AsyncClient, platforms: Mapping[str, Platform]
) -> None:
    emails = {number(): someone() for _ in range(3)}
    for lead, email in emails.items():
        platforms["meta"].leads[lead] = meta.lead(lead, {"email": email})
    changes = [
        {"field": "leadgen", "value": {"leadgen_id": int(lead), "page_id": 1}} for lead in emails
    ]
    feed = {"field": "feed", "value": {"item": "post"}}
    entries = [{"id": "1", "changes": [changes[0], feed]}, {"id": "2", "changes": changes[1:]}]
    body = json.dumps({"object": "page", "entry": entries}).encode()
    answer = await send(client, "meta", signed_by_meta(body))

    assert answer.status_code == 200
    for email in emails.values():
        await fetched(told, email)


async def test_metas_own_test_leads_are_tests(
    told: IngestSettings, client: httpx.AsyncClient, platforms: Mapping[str, Platform]
) -> None:
    lead = number()
    dummy = {name: f"<test lead: dummy data for {name}>" for name in ("email", "full_name")}
    platforms["meta"].leads[lead] = meta.lead(lead, dummy)
    await send(client, "meta", of_meta(lead))

    async def tests() -> list[Any]:
        found = await read_all(told, MARKETING_TOUCHES)
        return [each for each in found if each.event.mode is Mode.TEST]

    (message,) = await until(tests, "the test lead to be fetched")
    assert message.person.email is None


async def test_a_lead_of_linkedin_is_joined_with_its_form_together_or_apart(
    told: IngestSettings, client: httpx.AsyncClient, platforms: Mapping[str, Platform]
) -> None:
    platform = platforms["linkedin"]
    assert isinstance(platform, linkedin.LinkedIn)
    for platform.joins in (True, False):
        email, lead = someone(), f"{uuid.uuid4()}-4"
        fields = {"EMAIL": email, "FIRST_NAME": "Ada", "What do you need?": "speed"}
        platform.leads = {lead: linkedin.lead(lead, fields)}
        await send(client, "linkedin", of_linkedin(lead))
        message = await fetched(told, email)

        assert message.person.first_name == "Ada"
        assert message.person.custom["What do you need?"] == "speed"
        assert message.person.custom["consent.4567"] == "yes"
        assert (message.event.body.form, message.event.body.campaign_id) == ("7234246", "55501")
        if platform.joins:
            assert message.event.body.utm.campaign == "autumn"


async def test_a_platform_that_throttles_is_left_alone_and_nothing_is_given_up(
    told: IngestSettings, client: httpx.AsyncClient, platforms: Mapping[str, Platform]
) -> None:
    email, contact = someone(), number()
    platforms["hubspot"].leads[contact] = hubspot.contact(contact, {"email": email})
    platforms["hubspot"].throttled = 1
    await send(client, "hubspot", signed_by_hubspot(of_hubspot(contact).body.decode()))

    await fetched(told, email)
    assert len(platforms["hubspot"].calls) == 2
    assert (await standing(client, contact))["tries"] == 0


async def _why(client: httpx.AsyncClient, lead: str, why: str) -> bool:
    return bool((await standing(client, lead))["why"] == why)


async def test_an_expired_token_keeps_every_lead_until_there_is_a_new_one(
    told: IngestSettings, client: httpx.AsyncClient, platforms: Mapping[str, Platform]
) -> None:
    email, lead = someone(), number()
    platforms["meta"].leads[lead] = meta.lead(lead, {"email": email})
    platforms["meta"].token = "another"
    await send(client, "meta", of_meta(lead))
    await until(lambda: _why(client, lead, "token"), "the token to be refused")
    platforms["meta"].token = TOKEN

    await fetched(told, email)
    assert (await standing(client, lead))["state"] == "done"


async def test_after_its_last_try_a_lead_is_parked_where_it_is_seen_and_can_be_tried_again(
    told: IngestSettings, client: httpx.AsyncClient, platforms: Mapping[str, Platform]
) -> None:
    email, lead = someone(), number()
    platforms["meta"].leads[lead] = meta.lead(lead, {"email": email})
    platforms["meta"].failing = 2
    await send(client, "meta", of_meta(lead))

    async def parked() -> bool:
        return bool((await standing(client, lead))["state"] == "parked")

    await until(parked, "the lead to be given up")
    seen = await standing(client, lead)
    assert (seen["why"], seen["tries"]) == ("unreachable", 2)
    again = await client.post(f"/v1/admin/ingest/fetches/{seen['id']}/retry", headers=AS_ADMIN)
    assert again.status_code == 202
    await fetched(told, email)


async def test_what_was_under_way_when_an_instance_went_is_fetched_by_the_next(
    servers: Servers, told: IngestSettings, platforms: Mapping[str, Platform]
) -> None:
    alone = await prepared(servers, f"t{uuid.uuid4().hex[:8]}")
    told = alone.model_copy(
        update={name: getattr(told, name) for name in ("config", "access", "public_url")}
    )
    email, lead = someone(), number()
    platforms["meta"].leads[lead] = meta.lead(lead, {"email": email})
    platforms["meta"].held = asyncio.Event()
    async with running(told) as (_, client):
        await send(client, "meta", of_meta(lead))

        async def called() -> bool:
            return bool(platforms["meta"].calls)

        await until(called, "the platform to be asked")
    platforms["meta"].held.set()
    assert await touches_of(told, email) == []
    async with running(told):
        await fetched(told, email)


async def test_a_deletion_is_an_erasure_of_the_same_person_and_nothing_of_it_is_fetched_any_more(
    told: IngestSettings, client: httpx.AsyncClient, platforms: Mapping[str, Platform]
) -> None:
    email, lead, gone = someone(), f"{uuid.uuid4()}-4", f"{uuid.uuid4()}-4"
    for each, address in ((lead, email), (gone, someone())):
        platforms["linkedin"].leads[each] = linkedin.lead(each, {"EMAIL": address})
    await send(client, "linkedin", of_linkedin(lead))
    touch = await fetched(told, email)
    assert (await send(client, "linkedin", of_linkedin(gone, "DELETED"))).status_code == 200
    await send(client, "linkedin", of_linkedin(gone))
    erased = await send(client, "linkedin", of_linkedin(lead, "DELETED"))

    erasure = await touch_of(told, erased.headers["x-baton-touch-id"])
    assert erasure.kind is TouchKind.ERASURE
    assert erasure.identity == _key(touch, IdentityKind.SENDER)
    assert (await standing(client, gone))["state"] == "withdrawn"
    assert len(platforms["linkedin"].calls) == 1


def _key(message: Any, kind: IdentityKind) -> str:  # noqa: ANN401
    (found,) = [each.key for each in message.event.body.identity_keys if each.kind is kind]
    return str(found)


async def test_hubspots_events_are_a_lead_an_erasure_or_of_no_concern(
    told: IngestSettings, client: httpx.AsyncClient, platforms: Mapping[str, Platform]
) -> None:
    email, contact = someone(), number()
    platforms["hubspot"].leads[contact] = hubspot.contact(contact, {"email": email})
    one = json.loads(of_hubspot(contact).body)[0]
    change = {"subscriptionType": "contact.propertyChange"}
    events = [
        one | change | {"propertyName": "lead_status"},
        one | change | {"propertyName": "city"},
        one | {"subscriptionType": "deal.creation"},
        one | {"subscriptionType": "object.creation", "objectTypeId": "0-2"},
    ]
    await send(client, "hubspot", signed_by_hubspot(json.dumps(events)))
    touch = await fetched(told, email)
    answer = await send(
        client,
        "hubspot",
        signed_by_hubspot(json.dumps([one | {"subscriptionType": "contact.privacyDeletion"}])),
    )

    assert len(platforms["hubspot"].calls) == 1
    erasure = await touch_of(told, answer.headers["x-baton-touch-id"])
    assert erasure.kind is TouchKind.ERASURE
    assert erasure.identity == _key(touch, IdentityKind.SENDER)


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
