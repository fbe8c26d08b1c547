"""The fence on real PostgreSQL: what it sees after it had to wait for the lane's row."""

import asyncio

from chassis.database import Database, Tx
from chassis.lanes import rows
from chassis.lanes.rows import Fenced, Move
from tests.support.toys.town import SORTER, Town

MOVE = Move("marketing.touches", 0, 5, 9)
WAITING = (
    "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%fence_lane%'"
)


async def prepare(town: Town) -> None:
    await town.ask(
        SORTER,
        "WITH held AS (INSERT INTO lane (step, part, epoch) VALUES ('sort', 0, 3)), "
        "at AS (INSERT INTO position (step, part, topic, topic_part, next_off, started_truncated) "
        "VALUES ('sort', 0, 'marketing.touches', 0, 5, false)) "
        "INSERT INTO sequence (step, part, target, next_seq) VALUES ('sort', 0, 'leads.sql:0', 7)",
    )


async def fence(tx: Tx, epoch: int = 3) -> Fenced | None:
    return await rows.fence(tx, "sort", 0, epoch, [MOVE], ["ann", "bo"])


async def test_it_moves_positions_and_tells_the_numbers(town: Town) -> None:
    await prepare(town)
    database = Database(town.settings(SORTER))
    await database.open()
    async with database.transaction() as tx:
        held = await fence(tx)
    assert held is not None
    assert held.numbers is not None
    assert held.numbers.next_seq == {"leads.sql:0": 7}
    assert held.numbers.versions == {"ann": 0, "bo": 0}
    (row,) = await town.ask(SORTER, "SELECT next_off FROM position")
    assert row["next_off"] == 9
    async with database.transaction() as tx:
        assert await fence(tx) is None  # the position is no longer where it was expected
        assert await fence(tx, epoch=2) is None  # another has taken the lane
    await database.close()


async def test_after_waiting_for_a_command_its_numbers_are_seen(town: Town) -> None:
    await prepare(town)
    database = Database(town.settings(SORTER))
    await database.open()

    async def wait_and_fence() -> Fenced | None:
        async with database.transaction() as tx:
            return await fence(tx)

    async with database.transaction() as command:
        before = await rows.lock_for_command(command, "sort", 0)
        await command.execute("UPDATE sequence SET next_seq = 8")
        await command.execute("INSERT INTO key_version (step, key, last) VALUES ('sort', 'bo', 4)")
        waiting = asyncio.create_task(wait_and_fence())
        while not await town.ask(SORTER, WAITING):
            continue  # each question lets the other go on
    held = await waiting
    await database.close()
    assert before is not None
    assert held is not None
    assert held.numbers is not None
    assert held.now >= before.now
    assert held.numbers.next_seq == {"leads.sql:0": 8}
    assert held.numbers.versions == {"ann": 0, "bo": 4}
