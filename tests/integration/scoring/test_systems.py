"""What systems tell, and erasures, resolved by the real identity step."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from chassis.kafka.lane_of import lane_of
from chassis.kafka.sender import Outgoing, Sender
from contracts.event import Event, Mode, headers_of, value_of
from contracts.events.kinds import IdentityKind, TouchKind
from contracts.events.mql import LeadQualified
from contracts.events.privacy import ErasureAsked
from contracts.events.resolved import FactsResolved, TouchResolved
from contracts.events.scored import LeadScored
from contracts.events.touches import TouchRecorded
from contracts.identity import identity_key
from contracts.person import Person
from contracts.topics import LEADS_MQL, LEADS_SCORED, LEADS_TOUCHES, PRIVACY
from tests.integration.ingest.house import SECRET, read_all
from tests.integration.ingest.test_doors import GOOGLE
from tests.integration.scoring.house import TOKEN, House, whole
from tests.integration.scoring.test_walk import body, one, somebody
from tests.support.awaiting import until
from tests.support.servers import Servers

NOW = datetime(2026, 11, 2, 9, 19, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
async def house(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("access")
    async with whole(servers, prefix, folder, writes=True) as both:
        yield both


async def told(house: House, **row: object) -> None:
    answer = await house.sender.post(
        "/v1/facts", json=row, headers={"authorization": f"Bearer {TOKEN}"}
    )
    assert answer.status_code == 200, answer.text


async def facts_of(house: House, lead: UUID) -> list[dict[str, Any]]:
    """The facts that each score of a lead carries, as they were said."""
    found = await read_all(house.settings, LEADS_SCORED)
    return [
        said.facts.as_json()
        for each in found
        if isinstance(said := each.event.body, LeadScored) and said.lead_id == lead
    ]


async def known(house: House, address: str) -> tuple[UUID, UUID]:
    """Send a lead; return its id and its touch's."""
    answer = await house.sender.post(GOOGLE, json=body(address))
    touch = answer.headers["x-baton-touch-id"]
    return (await one(house, LEADS_MQL, LeadQualified, touch)).body.lead_id, UUID(touch)


def erasure(address: str, touch: UUID, content_hash: str) -> Event[TouchRecorded]:
    key = identity_key(SECRET.encode(), IdentityKind.EMAIL, address)
    said = TouchRecorded(
        identity=key.key,
        identity_keys=(key,),
        touch_id=touch,
        source="linkedin",
        source_kind="linkedin",
        kind=TouchKind.ERASURE,
        content_hash=content_hash,
        received_at=NOW,
    )
    return Event(uuid.uuid4(), said, NOW, NOW, Mode.LIVE, None, 0)


async def record(house: House, *events: Event[TouchRecorded]) -> None:
    sender = Sender(house.settings, idempotent=False)
    await sender.start()
    try:
        for event in events:
            key = event.body.identity
            out = Outgoing(
                event.body.TOPIC.name,
                lane_of(key, house.settings.lanes),
                key.encode(),
                value_of(event, Person(email="to.be@forgotten.example")),
                headers_of(event, "ingest"),
            )
            await (await sender.send(out))
    finally:
        await sender.stop()


async def asked(house: House) -> list[ErasureAsked]:
    found = await read_all(house.settings, PRIVACY)
    return [said for each in found if isinstance(said := each.event.body, ErasureAsked)]


@pytest.mark.parametrize("by", ["email", "touch_id", "lead_id", "sender"])
async def test_facts_reach_the_lead_and_its_next_score_carries_them(house: House, by: str) -> None:
    address = somebody()
    sent = body(address)
    answer = await house.sender.post(GOOGLE, json=sent)
    touch = answer.headers["x-baton-touch-id"]
    lead = (await one(house, LEADS_MQL, LeadQualified, touch)).body.lead_id
    name = {
        "email": {"email": address},
        "touch_id": {"touch_id": touch},
        "lead_id": {"lead_id": str(lead)},
        "sender": {"sender_source": "google-demo", "sender_id": sent["lead_id"]},
    }[by]
    await told(house, **name, facts={"custom.tier": by})

    async def carried() -> bool:
        return any(each.get("custom.tier") == by for each in await facts_of(house, lead))

    await until(carried, "a score that carries the fact")


async def test_an_older_fact_that_is_told_later_does_not_replace_a_newer_one(house: House) -> None:
    address = somebody()
    lead, _ = await known(house, address)
    await told(house, email=address, facts={"custom.size": 2}, as_of="2026-11-02T09:00:00Z")
    await told(
        house,
        email=address,
        facts={"custom.size": 1, "custom.old": 1},
        as_of="2026-01-01T00:00:00Z",
    )

    async def both() -> dict[str, Any] | None:
        last = (await facts_of(house, lead))[-1]
        return last if "custom.old" in last else None

    found = await until(both, "a score after both")
    assert found is not None
    assert found["custom.size"] == 2


async def test_facts_of_a_company_and_of_an_unknown_id_make_no_lead_and_are_kept(
    house: House,
) -> None:
    domain = f"{uuid.uuid4().hex[:8]}.example"
    nobody = str(uuid.uuid4())
    await told(house, lead_id=nobody, facts={"custom.tier": 9})
    await told(house, account=domain, facts={"company.employees": 180})

    async def shown() -> list[Any]:
        answer = await house.person.post("/v1/search", json={"account": domain})
        return list(answer.json().get("account", ()))

    (found,) = await until(shown, "what was told of the company")
    assert (found["facts"], found["source"]) == ({"company.employees": 180}, "test")

    async def kept() -> bool:
        async with house.scoring.database.transaction() as tx:
            rows = await tx.fetch("SELECT 1 FROM kept_record WHERE of = $1", UUID(nobody))
        return len(rows) == 1

    await until(kept, "what was told of an unknown id")
    resolved = await read_all(house.settings, LEADS_TOUCHES)
    bodies = [each.event.body for each in resolved if isinstance(each.event.body, FactsResolved)]
    assert not any("company.employees" in each.facts and len(each.facts) == 1 for each in bodies)
    assert not any(each.facts.get("custom.tier") == 9 for each in bodies)


async def test_an_erasure_is_asked_for_once_with_every_touch_and_one_for_nobody_makes_no_lead(
    house: House,
) -> None:
    address, stranger = somebody(), somebody()
    lead, touch = await known(house, address)
    mine, other = uuid.uuid4(), uuid.uuid4()
    await record(
        house,
        erasure(stranger, other, "c"),
        erasure(address, mine, "a"),
        erasure(address, mine, "a"),
        erasure(address, mine, "b"),
    )

    async def there() -> bool:
        return any(each.lead_id == lead for each in await asked(house))

    await until(there, "the erasure")
    after = somebody()
    await known(house, after)

    async def kept() -> bool:
        async with house.scoring.database.transaction() as tx:
            return len(await tx.fetch("SELECT 1 FROM kept_record WHERE id = $1", other)) == 1

    await until(kept, "the stranger's erasure")
    (only,) = [each for each in await asked(house) if each.lead_id == lead]
    assert set(only.touch_ids) == {touch, mine}
    assert (only.by.kind.value, only.by.id) == ("system", "linkedin")
    assert len(await asked(house)) == 1
    async with house.scoring.database.transaction() as tx:
        rows = await tx.fetch("SELECT person FROM profile WHERE person::text LIKE '%forgotten%'")
        key = identity_key(SECRET.encode(), IdentityKind.EMAIL, stranger).key
        taken = await tx.fetch("SELECT 1 FROM identity_key WHERE key = $1", key)
    assert (list(rows), list(taken)) == ([], [])
    resolved = await read_all(house.settings, LEADS_TOUCHES)
    ids = [
        each.event.body.touch_id for each in resolved if isinstance(each.event.body, TouchResolved)
    ]
    assert not {mine, other} & set(ids)


async def test_all_of_it_is_decided_again_as_it_was_recorded(house: House) -> None:
    found = await house.verified()
    assert (found.state.value, found.done > 0) == ("equal", True)
