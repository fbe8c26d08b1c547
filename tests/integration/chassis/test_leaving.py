"""How a process leaves the others: told to stop its lanes go on at once, crashed it keeps them.

The session is a minute long, so that nothing here happens because one has ended.
"""

import asyncio
from functools import partial

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from tests.support.awaiting import until
from tests.support.chaos import Process, eventually, running
from tests.support.toys.town import LANES, SORTER, Town

MINUTE = {"BATON_KAFKA_SESSION_TIMEOUT_S": "60"}
WELL_BEFORE_S = 20.0
INSTANCE = "BATON_INSTANCE"


async def lanes_of(town: Town, process: Process) -> dict[int, int]:
    """The lanes that a process has taken, each with its epoch."""
    rows = await town.ask(
        SORTER, "SELECT part, epoch FROM lane WHERE owner = $1", process.environment[INSTANCE]
    )
    return {row["part"]: row["epoch"] for row in rows}


async def shared_out(town: Town, *processes: Process) -> None:
    """Wait until every lane is taken and each process has some."""

    async def asked() -> bool:
        held = [await lanes_of(town, each) for each in processes]
        return all(held) and sum(map(len, held)) == LANES

    await until(asked, "the lanes to be shared out", WELL_BEFORE_S)


async def test_told_to_stop_a_process_leaves_its_lanes_to_the_other_at_once(town: Town) -> None:
    first, second = town.add(SORTER, **MINUTE), town.add(SORTER, **MINUTE)
    async with running(first, second):
        await shared_out(town, first, second)
        await asyncio.to_thread(first.terminate)
        await shared_out(town, second)


async def test_a_rollout_hands_lanes_from_name_to_name_without_waiting_for_a_session(
    town: Town,
) -> None:
    old = [town.add(SORTER, **MINUTE) for _ in range(2)]
    async with running(*old):
        await shared_out(town, *old)
        new = [town.add(SORTER, **MINUTE) for _ in range(2)]
        for comes, goes in zip(new, old, strict=True):
            comes.start()
            await comes.ready()
            await asyncio.to_thread(goes.terminate)
        await shared_out(town, *new)


async def test_crashed_and_back_under_its_name_it_has_its_lanes_and_the_others_keep_theirs(
    town: Town,
) -> None:
    first, second = town.add(SORTER, **MINUTE), town.add(SORTER, **MINUTE)
    async with running(first, second):
        await shared_out(town, first, second)
        before, others = await lanes_of(town, first), await lanes_of(town, second)
        first.kill()
        first.start()

        async def taken_again() -> bool:
            now = await lanes_of(town, first)
            return now.keys() == before.keys() and all(now[part] > before[part] for part in now)

        await until(taken_again, "the lanes to be taken again", WELL_BEFORE_S)
        assert await lanes_of(town, second) == others


@pytest.mark.parametrize("moment", ["service.started", "lanes.dealt"])
async def test_told_to_stop_while_it_joins_it_leaves_nothing_behind(
    town: Town, moment: str
) -> None:
    first, second = town.add(SORTER, **MINUTE), town.add(SORTER, **MINUTE)
    async with running(first):
        await shared_out(town, first)
        second.start()
        await eventually(
            lambda: second.log.exists() and moment in second.tail(), moment, WELL_BEFORE_S
        )
        await asyncio.to_thread(second.terminate)
        await until(partial(alone, town, first), "the group to be of one", WELL_BEFORE_S)
        await shared_out(town, first)


async def alone(town: Town, process: Process) -> bool:
    """Whether Kafka knows no other member of the sorter's group."""
    admin = AIOKafkaAdminClient(bootstrap_servers=town.servers.kafka_bootstrap)
    await admin.start()
    try:
        (told,) = await admin.describe_consumer_groups([f"{town.topic_prefix}{SORTER}.sort"])
    finally:
        await admin.close()
    (group,) = told.groups
    names = [member[0] for member in group[5]]
    return len(names) == 1 and names[0].startswith(process.environment[INSTANCE])
