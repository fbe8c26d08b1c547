"""Loss, a log that does not fit, and a person's decision to go on."""

import pytest

from chassis.http.operations import Refused
from chassis.runtime import Runtime
from tests.support.toys.inside import WHO, eventually, facts_of, heard, lead_in, serving, write
from tests.support.toys.town import COUNTER, Town

ANN, BO = lead_in(1), lead_in(2)


async def why_stopped(runtime: Runtime, lane: int = 1) -> str:
    """Wait until the lane stands, and return why."""

    async def stopped() -> str | None:
        return (await runtime.operator.lane("count", lane)).reason

    await eventually(stopped, "the lane to stop")
    return str(await stopped())


async def until_heard(town: Town, number: int) -> None:
    async def done() -> bool:
        return await heard(town, ANN) == number

    await eventually(done, f"{number} events to be heard")


async def test_a_lost_event_stops_its_lane_alone_until_the_gap_is_accepted(town: Town) -> None:
    events = [facts_of(ANN) for _ in range(6)]
    async with serving(town) as runtime:
        await write(town, *events[:4], seqs=[1, 2, 4, 5])
        assert "after number 2 of scoring.sort@test" in await why_stopped(runtime)
        assert await heard(town, ANN) == 2
        await write(town, facts_of(BO))
        with pytest.raises(Refused, match="accept_gap"):
            await runtime.operator.resume("count", 1, accept_gap=False, who=WHO)
        await runtime.operator.resume("count", 1, accept_gap=True, who=WHO)
        await until_heard(town, 4)
        # What was taken before the gap is still known: late repeats change nothing.
        await write(town, events[0], events[1], events[2], *events[4:], seqs=[1, 2, 4, 6, 7])
        await until_heard(town, 6)
    assert await heard(town, BO) == 1


async def test_the_next_loss_stops_the_lane_again(town: Town) -> None:
    async with serving(town) as runtime:
        await write(town, facts_of(ANN), facts_of(ANN), seqs=[1, 3])
        await why_stopped(runtime)
        await runtime.operator.resume("count", 1, accept_gap=True, who=WHO)
        await until_heard(town, 2)
        await write(town, facts_of(ANN), seqs=[9])
        assert "after number 3" in await why_stopped(runtime)


async def test_a_position_beyond_the_log_stops_the_lane_and_goes_on_from_what_is_there(
    town: Town,
) -> None:
    async with serving(town):
        await write(town, facts_of(ANN), facts_of(ANN), seqs=[1, 2])
        await until_heard(town, 2)
    await town.ask(COUNTER, "UPDATE position SET next_off = 500 WHERE part = 1")
    async with serving(town, ready=False) as runtime:
        assert "Kafka is older than the database" in await why_stopped(runtime)
        await runtime.operator.resume("count", 1, accept_gap=True, who=WHO)
        await write(town, facts_of(ANN), seqs=[3])
        await until_heard(town, 3)


async def test_a_restored_writer_tells_again_and_only_what_is_new_is_heard(town: Town) -> None:
    events = [facts_of(ANN) for _ in range(5)]
    async with serving(town):
        await write(town, *events[:3], seqs=[1, 2, 3], producer="scoring.sort@before")
        await until_heard(town, 3)
        await write(town, *events[1:4], seqs=[1, 2, 3], producer="scoring.sort@after")
        await until_heard(town, 4)
    async with serving(town):  # taken again in the midst of the retelling
        await write(town, events[2], events[4], seqs=[4, 5], producer="scoring.sort@after")
        await until_heard(town, 5)


async def test_what_is_told_again_within_one_batch_is_heard_once(town: Town) -> None:
    events = [facts_of(ANN) for _ in range(3)]
    await write(town, *events[:2], seqs=[1, 2], producer="scoring.sort@before")
    await write(town, *events, seqs=[1, 2, 3], producer="scoring.sort@after")
    async with serving(town) as runtime:
        await until_heard(town, 3)
        assert (await runtime.probes.still(None)).lag == 0
    assert await heard(town, ANN) == 3
