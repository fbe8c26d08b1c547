"""What a process says of itself: alive while its lanes move, still when nothing is left to do."""

import asyncpg

from chassis.runtime import Runtime
from tests.support.toys.counter import SERVICE
from tests.support.toys.inside import eventually, facts_of, heard, lead_in, serving, write
from tests.support.toys.town import COUNTER, Town

ANN = lead_in(1)
AN_HOUR_S = 3_600.0
NOBODY = "127.0.0.1:1"


async def test_a_lane_that_was_idle_for_an_hour_is_alive_when_work_comes(town: Town) -> None:
    holder = await asyncpg.connect(town.urls[COUNTER])
    try:
        async with serving(town) as runtime:
            lane = runtime.steps["count"].lanes[1]
            hold = holder.transaction()
            await hold.start()
            await holder.execute("SELECT FROM lane WHERE part = 1 FOR UPDATE")
            await write(town, facts_of(ANN))
            await eventually(lambda: _waits_for_a_lock(holder), "the lane to begin its batch")
            lane.at.last_progress -= AN_HOUR_S
            await write(town, facts_of(ANN))

            async def queued() -> bool:
                return len(lane.queue) == 1

            await eventually(queued, "the second event to lie there")
            assert runtime.probes.live()
            await hold.rollback()

            async def done() -> bool:
                return await heard(town, ANN) == 2

            await eventually(done, "both events to be heard")
    finally:
        await holder.close()


async def _waits_for_a_lock(holder: "asyncpg.Connection[asyncpg.Record]") -> bool:
    return bool(
        await holder.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
    )


async def test_nothing_is_still_before_the_lanes_are_there(town: Town) -> None:
    settings = town.settings(SERVICE.name).model_copy(update={"kafka_bootstrap": NOBODY})
    runtime = Runtime(SERVICE, settings)
    await runtime.start()
    try:
        told = await runtime.probes.still(None)
        assert (told.lag, told.outbox) == (1, 0)
        assert "has not joined its group" in " ".join((await runtime.probes.ready()).reasons)
    finally:
        await runtime.stop()


async def test_what_is_under_way_is_not_still(town: Town) -> None:
    async with serving(town) as runtime:

        async def still() -> bool:
            return (await runtime.probes.still(None)).lag == 0

        await eventually(still, "stillness")
        holder = await asyncpg.connect(town.urls[COUNTER])
        try:
            async with holder.transaction():
                await holder.execute("SELECT FROM lane WHERE part = 1 FOR UPDATE")
                await write(town, facts_of(ANN))
                assert (await runtime.probes.still(None)).lag == 1
        finally:
            await holder.close()
        await eventually(still, "stillness after the work")
        assert await heard(town, ANN) == 1
