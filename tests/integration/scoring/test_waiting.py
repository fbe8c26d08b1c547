"""What comes before the touch it speaks of is said once the touch is there; on the real servers."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from contracts.body import Body
from contracts.events.resolved import ConsentResolved, FactsResolved
from contracts.identity import touch_of_sender
from contracts.ids import from_words
from contracts.topics import LEADS_TOUCHES
from tests.integration.ingest.house import read_all
from tests.integration.ingest.test_doors import GOOGLE
from tests.integration.scoring.house import TOKEN, House, whole
from tests.integration.scoring.test_systems import asked, erasure, known, record
from tests.integration.scoring.test_walk import body, somebody
from tests.support.awaiting import until
from tests.support.servers import Servers

BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
async def house(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("access")
    async with whole(servers, prefix, folder, writes=True) as both:
        yield both


def to_come() -> tuple[dict[str, object], UUID]:
    """A lead that is not sent yet, and the id that its touch will have."""
    sent = body(somebody())
    sent["lead_id"] = uuid.uuid4().hex
    return sent, touch_of_sender("google-demo", sent["lead_id"])


async def tell(house: House, path: str, **row: object) -> UUID:
    """Tell something; return its record's id."""
    answer = await house.sender.post(path, json=row, headers=BEARER)
    assert answer.status_code == 200, answer.text
    (record_id,) = answer.json()["record_ids"]
    return UUID(record_id)


async def rows_of(house: House, record_id: UUID) -> tuple[int, int]:
    """How many rows keep a record, and how many timers look at it."""
    async with house.scoring.database.transaction() as tx:
        kept = await tx.fetch("SELECT 1 FROM kept_record WHERE id = $1", record_id)
        timers = await tx.fetch("SELECT 1 FROM timer WHERE key = $1", str(record_id))
    return len(kept), len(timers)


async def is_kept(house: House, record_id: UUID) -> None:
    async def kept() -> bool:
        return (await rows_of(house, record_id))[0] == 1

    await until(kept, "what nobody is known for to be kept")


async def resolved(house: House) -> list[tuple[UUID, UUID, Body]]:
    """Record, cause and body of facts and consents that were said to be of a lead."""
    return [
        (said.record_id, each.event.cause or UUID(int=0), said)
        for each in await read_all(house.settings, LEADS_TOUCHES)
        if isinstance(said := each.event.body, FactsResolved | ConsentResolved)
    ]


async def test_facts_and_consents_by_a_touch_s_id_may_come_before_the_touch(house: House) -> None:
    sent, touch = to_come()
    by_touch = await tell(house, "/v1/facts", touch_id=str(touch), facts={"custom.tier": "early"})
    by_sender = await tell(
        house,
        "/v1/consents",
        sender_source="google-demo",
        sender_id=sent["lead_id"],
        purpose="contact",
        state="withdrawn",
    )
    for each in (by_touch, by_sender):
        await is_kept(house, each)
    answer = await house.sender.post(GOOGLE, json=sent)
    assert answer.headers["x-baton-touch-id"] == str(touch)

    async def both() -> bool:
        return {by_touch, by_sender} <= {each for each, _, _ in await resolved(house)}

    await until(both, "facts and consent of the lead")
    found = Counter(each for each, _, _ in await resolved(house))
    assert (found[by_touch], found[by_sender]) == (1, 1)
    for each in (by_touch, by_sender):
        assert await rows_of(house, each) == (0, 0)
    search = await house.person.post("/v1/search", json={"touch_id": str(touch)})
    bodies = {each: said for each, _, said in await resolved(house)}
    assert search.json() == {"lead_ids": [bodies[by_touch].key()]}
    assert bodies[by_sender].key() == bodies[by_touch].key()
    causes = {each: cause for each, cause, _ in await resolved(house)}
    assert causes[by_touch] == from_words("facts recorded", str(by_touch))


async def test_facts_and_touches_that_race_in_two_lanes_are_each_said_once(house: House) -> None:
    pairs = [to_come() for _ in range(20)]
    told = await asyncio.gather(
        *(tell(house, "/v1/facts", touch_id=str(t), facts={"custom.n": 1}) for _, t in pairs),
        *(house.sender.post(GOOGLE, json=sent) for sent, _ in pairs),
    )
    records = {each for each in told if isinstance(each, UUID)}
    assert len(records) == len(pairs)

    async def all_said() -> bool:
        return records <= {each for each, _, _ in await resolved(house)}

    await until(all_said, "the facts of every lead")
    found = Counter(each for each, _, _ in await resolved(house))
    assert {found[each] for each in records} == {1}


async def test_an_erasure_before_the_lead_is_asked_for_once_the_lead_is_there(
    house: House,
) -> None:
    address, mine = somebody(), uuid.uuid4()
    await record(house, erasure(address, mine, "a"))
    await is_kept(house, mine)
    lead, touch = await known(house, address)

    async def there() -> bool:
        return any(each.lead_id == lead for each in await asked(house))

    await until(there, "the erasure")
    await record(house, erasure(address, mine, "a"))
    (only,) = [each for each in await asked(house) if each.lead_id == lead]
    assert set(only.touch_ids) == {touch, mine}
    assert await rows_of(house, mine) == (0, 0)


async def test_what_is_told_again_between_the_touch_and_the_look_is_said_once(
    house: House,
) -> None:
    sent, touch = to_come()
    row = {
        "touch_id": str(touch),
        "facts": {"custom.tier": "twice"},
        "as_of": "2026-11-02T09:00:00Z",
    }
    mine = await tell(house, "/v1/facts", **row)
    await is_kept(house, mine)
    await house.sender.post(GOOGLE, json=sent)
    assert await tell(house, "/v1/facts", **row) == mine

    async def nothing_left() -> bool:
        return await rows_of(house, mine) == (0, 0)

    await until(nothing_left, "the record and its timers to be gone")
    assert [each for each, _, _ in await resolved(house) if each == mine] == [mine]


async def test_what_was_kept_before_a_restart_is_said_after_it(
    servers: Servers, prefix: str, tmp_path: Path
) -> None:
    sent, touch = to_come()
    async with whole(servers, f"{prefix}b", tmp_path, writes=True) as before:
        mine = await tell(before, "/v1/facts", touch_id=str(touch), facts={"custom.tier": "old"})
        await is_kept(before, mine)
    async with whole(servers, f"{prefix}b", tmp_path, writes=True) as after:
        await after.sender.post(GOOGLE, json=sent)

        async def said() -> bool:
            return mine in {each for each, _, _ in await resolved(after)}

        await until(said, "the facts of the lead")
        assert await rows_of(after, mine) == (0, 0)


async def test_it_is_all_decided_again_as_it_was_recorded(house: House) -> None:
    found = await house.verified()
    assert (found.state.value, found.done > 0) == ("equal", True)
