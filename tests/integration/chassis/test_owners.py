"""Two owners take one lane, in both orders: exactly one of them commits each record."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from chassis.database import Database
from chassis.lanes.batch import FencedOff, Lane, Work, run_batch
from chassis.lanes.records import Record
from chassis.lanes.rows import Move
from chassis.lanes.step import Received
from chassis.lanes.taking import Log, Place, Taken, claim, stop, take
from chassis.lanes.writing import Signature
from chassis.policies.versions import PolicyBook
from contracts.topics import LEADS_TOUCHES
from tests.support.toys.counter import STEP
from tests.support.toys.inside import facts_of, heard, lead_in
from tests.support.toys.town import COUNTER, LANES, Town

PLACE: Place = (LEADS_TOUCHES.name, 1)
LOGS = {PLACE: Log(0, 10)}
LEAD = lead_in(1)


@pytest.fixture
async def database(town: Town) -> AsyncIterator[Database]:
    made = Database(town.settings(COUNTER))
    await made.open()
    yield made
    await made.close()


async def own(database: Database, owner: str) -> Taken:
    """Claim the lane and read what it stands on."""
    taken = await take(database, STEP.name, 1, await claim(database, STEP.name, 1, owner), LOGS)
    assert taken is not None
    return taken


def lane_of(taken: Taken) -> Lane:
    return Lane(STEP, 1, taken.epoch, Signature("routing", "routing.count@x", 1, LANES, True))


def work(offset: int, lead: UUID = LEAD) -> Work:
    event = facts_of(lead)
    record = Record(*PLACE, offset, None, b"", [])
    return Work(
        heard=[(record, Received(event, str(lead)))],
        moves=[Move(*PLACE, offset, offset + 1)],
    )


async def test_who_took_the_lane_later_commits_and_the_earlier_one_cannot(
    town: Town, database: Database
) -> None:
    first = await own(database, "first")
    second = await own(database, "second")
    with pytest.raises(FencedOff):
        await run_batch(database, lane_of(first), PolicyBook(), work(0))
    assert await heard(town, LEAD) == 0
    await run_batch(database, lane_of(second), PolicyBook(), work(0))
    with pytest.raises(FencedOff):
        await run_batch(database, lane_of(first), PolicyBook(), work(1))
    assert await heard(town, LEAD) == 1


async def test_who_committed_first_is_followed_from_there(town: Town, database: Database) -> None:
    first = await own(database, "first")
    await run_batch(database, lane_of(first), PolicyBook(), work(0))
    second = await own(database, "second")
    assert second.positions[PLACE].next_off == 1
    with pytest.raises(FencedOff):
        await run_batch(database, lane_of(first), PolicyBook(), work(1))
    await run_batch(database, lane_of(second), PolicyBook(), work(1))
    assert await heard(town, LEAD) == 2


async def test_the_successor_waits_for_a_batch_under_way_and_then_sees_it(
    town: Town, database: Database
) -> None:
    first = await own(database, "first")
    async with database.transaction() as tx:
        await tx.execute("UPDATE lane SET last_now = last_now WHERE part = 1")
        taking = asyncio.create_task(own(database, "second"))
        waiting = "SELECT 1 FROM pg_stat_activity WHERE usename = current_user AND state = 'active'"
        while not await town.ask(COUNTER, waiting + " AND wait_event_type = 'Lock'"):
            assert not taking.done()
        await tx.execute("UPDATE position SET next_off = 7 WHERE part = 1")
    assert (await taking).positions[PLACE].next_off == 7
    with pytest.raises(FencedOff):
        await run_batch(database, lane_of(first), PolicyBook(), work(7))


async def test_a_batch_whose_position_has_moved_is_undone(town: Town, database: Database) -> None:
    taken = await own(database, "first")
    await run_batch(database, lane_of(taken), PolicyBook(), work(0))
    with pytest.raises(FencedOff):
        await run_batch(database, lane_of(taken), PolicyBook(), work(0))
    assert await heard(town, LEAD) == 1


async def test_only_the_owner_may_stop_a_lane(database: Database) -> None:
    first = await own(database, "first")
    second = await own(database, "second")
    async with database.transaction() as tx:
        assert not await stop(tx, STEP.name, 1, first.epoch, "a zombie's view")
        assert await stop(tx, STEP.name, 1, second.epoch, "the owner's view")
    assert (await own(database, "third")).stopped == "the owner's view"


async def test_now_never_goes_back_along_a_lane(database: Database) -> None:
    taken = await own(database, "first")
    async with database.transaction() as tx:
        await tx.execute("UPDATE lane SET last_now = last_now + interval '1 day' * 36500")
    first = await run_batch(database, lane_of(taken), PolicyBook(), work(0))
    second = await run_batch(database, lane_of(taken), PolicyBook(), work(1))
    assert first.now == second.now
