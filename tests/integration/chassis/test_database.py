"""Transactions: what a frozen holder of a lock cannot do, and what is tried again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chassis.database import Database, Tx, Unavailable, is_passing
from tests.support.toys.town import SORTER, Town


@asynccontextmanager
async def database(town: Town, **options: float) -> AsyncIterator[Database]:
    made = Database(town.settings(SORTER), **options)
    await made.open()
    try:
        yield made
    finally:
        await made.close()


LOCK = "UPDATE lane SET epoch = epoch + 1 WHERE part = 0"


@pytest.mark.parametrize("half_of_a_statement", [False, True])
async def test_a_holder_that_stands_still_loses_its_lock(
    town: Town, *, half_of_a_statement: bool
) -> None:
    await town.ask(SORTER, "INSERT INTO lane (step, part) VALUES ('sort', 0)")
    async with (
        database(town, idle_in_transaction_s=0.3) as frozen,
        database(town) as successor,
    ):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - what it is, is_passing tells
            await _stand_still(frozen, successor, half_of_a_statement=half_of_a_statement)
        assert is_passing(caught.value)
        (row,) = await town.ask(SORTER, "SELECT epoch FROM lane WHERE part = 0")
        assert row["epoch"] == 1


async def _stand_still(frozen: Database, successor: Database, *, half_of_a_statement: bool) -> None:
    async with frozen.transaction() as tx:
        await tx.execute(LOCK)
        if half_of_a_statement:
            await tx.connection.prepare("SELECT count(*) FROM lane WHERE epoch = $1")
        async with successor.transaction() as other:
            await other.execute(LOCK)  # waits until PostgreSQL has ended the holder
        await tx.fetch("SELECT 1")


async def test_work_is_done_again_from_the_start_where_the_connection_broke(town: Town) -> None:
    tries = 0

    async def work(tx: Tx) -> int:
        nonlocal tries
        tries += 1
        await tx.execute("INSERT INTO lane (step, part) VALUES ('sort', $1)", tries)
        if tries < 3:
            await tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return tries

    async with database(town) as made:
        assert await made.run(work) == 3
    rows = await town.ask(SORTER, "SELECT part FROM lane")
    assert [row["part"] for row in rows] == [3]


async def test_after_the_last_try_it_says_that_postgresql_is_away(town: Town) -> None:
    async def work(tx: Tx) -> None:
        await tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    async with database(town) as made:
        with pytest.raises(Unavailable):
            await made.run(work, tries=2)
