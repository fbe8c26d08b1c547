"""Leads that platforms only point at: fetched after the answer, through whatever platforms do."""

import asyncio
import json
import uuid
from collections.abc import Mapping
from typing import Any

import httpx

from contracts.event import Mode
from contracts.events.kinds import IdentityKind, TouchKind
from contracts.topics import MARKETING_TOUCHES
from ingest.settings import IngestSettings
from tests.integration.ingest.conformance.pointing import (
    of_hubspot,
    of_linkedin,
    of_meta,
    signed_by_hubspot,
    signed_by_meta,
)
from tests.integration.ingest.house import prepared, read_all, running
from tests.integration.ingest.platforms.house import (
    AS_ADMIN,
    fetched,
    number,
    send,
    someone,
    standing,
    touch_of,
    touches_of,
)
from tests.support.awaiting import until
from tests.support.platforms import hubspot, linkedin, meta
from tests.support.platforms.behaving import TOKEN, Platform
from tests.support.servers import Servers


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


async def test_of_many_leads_the_first_that_is_throttled_speaks_for_all(
    told: IngestSettings, client: httpx.AsyncClient, platforms: Mapping[str, Platform]
) -> None:
    emails = {number(): someone() for _ in range(20)}
    for contact, email in emails.items():
        platforms["hubspot"].leads[contact] = hubspot.contact(contact, {"email": email})
    platforms["hubspot"].throttled, platforms["hubspot"].asks_s = 8, 5
    one = json.loads(of_hubspot("1").body)[0]
    events = [one | {"objectId": int(contact)} for contact in emails]
    await send(client, "hubspot", signed_by_hubspot(json.dumps(events)))

    async def all_wait() -> bool:
        page = await client.get("/v1/admin/ingest/fetches?state=waiting", headers=AS_ADMIN)
        waiting = [each for each in page.json()["items"] if each["lead"] in emails]
        return len(waiting) == 20 and all(each["why"] == "throttled" for each in waiting)

    await until(all_wait, "all of them to be put off")
    # Eight were under way when the first was refused; nobody asks for the others before its time.
    assert len(platforms["hubspot"].calls) == 8
    for email in emails.values():
        await fetched(told, email)


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
