"""Timers: once, in time, silent until the lane has caught up; the simulated clock moves them."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.http.operations import Refused
from chassis.runtime import Runtime
from contracts.topics import PRIVACY
from tests.support.ledger import sift
from tests.support.rawlog import RawLog
from tests.support.toys.counter import LATER, REMIND_AFTER
from tests.support.toys.inside import WHO, eventually, facts_of, heard, lead_in, serving, write
from tests.support.toys.town import COUNTER, Town

ANN = lead_in(1)
START = datetime(2030, 1, 1, 9, tzinfo=UTC)


async def reminded(town: Town) -> int:
    rows = await town.ask(COUNTER, "SELECT state->>'reminded' AS n FROM tally")
    return sum(int(row["n"]) for row in rows)


async def still_after(town: Town, runtime: Runtime, events: int) -> None:
    async def is_still() -> bool:
        if await heard(town, ANN) != events:
            return False
        told = await runtime.probes.still(None)
        return told.lag == 0 and told.outbox == 0

    await eventually(is_still, "stillness")


async def test_a_timer_fires_once_and_in_time_though_two_instances_look(town: Town) -> None:
    log = RawLog(town.servers.kafka_bootstrap, [PRIVACY.name], town.topic_prefix)
    async with serving(town), serving(town, instance="inside-1"), log:
        await write(town, *(facts_of(lead_in(lane)) for lane in range(4)), facts_of(ANN))
        await log.until(lambda: len(sift(log.seen).taken) >= 9, "four reminders and five counts")
        await log.to_the_end()
    reminders = [each for each in sift(log.seen).taken if "erasure.asked" in each.type]
    assert len({each.key for each in reminders}) == len(reminders) == 4
    rows = await town.ask(COUNTER, "SELECT key FROM timer")
    assert rows == []


async def test_a_simulated_clock_moves_only_forward_and_only_in_stillness(town: Town) -> None:
    await town.servers.start_clock(town.prefix, START)
    async with serving(town, clock="simulated") as runtime:
        await write(town, facts_of(ANN))
        await still_after(town, runtime, 1)
        due = (await runtime.probes.still(None)).next_timer
        assert due == START + REMIND_AFTER
        for refused in (START, due + timedelta(seconds=1)):
            with pytest.raises(Refused):
                await runtime.operator.move_clock(refused, WHO)
        assert await runtime.operator.move_clock(due, WHO) == due

        async def fired() -> bool:
            return await reminded(town) == 1

        await eventually(fired, "the timer to fire")
        assert (await runtime.probes.still(None)).next_timer is None
    (row,) = await town.ask(COUNTER, "SELECT now FROM history WHERE cause_type = 'TimerDue'")
    assert row["now"] == due


async def test_timers_stay_silent_until_what_lay_unread_was_heard(town: Town) -> None:
    await town.servers.start_clock(town.prefix, START)
    async with serving(town, clock="simulated") as runtime:
        await write(town, facts_of(ANN))
        await still_after(town, runtime, 1)
    late = START + 5 * REMIND_AFTER
    await town.ask(COUNTER, "SELECT clock_advance($1)", late)
    await write(town, *(facts_of(ANN) for _ in range(300)), facts_of(ANN, LATER))
    async with serving(town, clock="simulated") as runtime:
        await still_after(town, runtime, 302)
        assert (await runtime.probes.still(None)).next_timer == late + REMIND_AFTER
        assert await reminded(town) == 0
        await runtime.operator.move_clock(late + REMIND_AFTER, WHO)

        async def fired() -> bool:
            return await reminded(town) == 1

        await eventually(fired, "the timer that was set anew to fire")
