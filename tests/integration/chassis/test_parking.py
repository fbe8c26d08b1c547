"""Parking: what cannot be decided is put aside and told, the lane goes on, a repair takes it up."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis.http.operations import ParkedMessage, ParkedState
from chassis.lanes.step import Step
from chassis.runtime import Runtime
from contracts.decision import Decision
from contracts.event import Event
from contracts.events.resolved import FactsResolved
from contracts.topics import PARKED
from tests.support.rawlog import RawLog
from tests.support.toys.counter import BUG, LARGE, SERVICE, STEP, UNWANTED, Case, on_facts
from tests.support.toys.inside import WHO, eventually, facts_of, heard, lead_in, serving, write
from tests.support.toys.town import COUNTER, Town

ANN, BO = lead_in(1), lead_in(1, 1)


def mended(state: Case, event: Event[FactsResolved], policy: None, now: datetime) -> Decision[Case]:
    """The next release: what was a bug is decided like all else."""
    body = event.body.model_copy(update={"source": "mended"})
    return on_facts(state, replace(event, body=body), policy, now)


HANDLERS: dict[Any, Any] = {**STEP.handlers, FactsResolved: mended}
RELEASE: Step[Case, None] = replace(STEP, handlers=HANDLERS)
NEXT = replace(SERVICE, steps=(RELEASE,))


async def parked(runtime: Runtime, number: int) -> list[ParkedMessage]:
    """The parked messages, once there are so many."""

    async def there() -> bool:
        return len((await runtime.operator.parked(None, None, 100)).items) == number

    await eventually(there, f"{number} parked messages")
    return list((await runtime.operator.parked(None, None, 100)).items)


async def test_the_lane_goes_on_past_each_kind_of_bad_message_and_tells_of_it(town: Town) -> None:
    log = RawLog(town.servers.kafka_bootstrap, [PARKED[COUNTER].name], town.topic_prefix)
    bad = (facts_of(ANN, BUG), facts_of(ANN, LARGE), facts_of(UNWANTED))
    async with serving(town) as runtime, log:
        await write(town, facts_of(ANN), *bad, facts_of(ANN))
        items = await parked(runtime, len(bad))
        await log.until(lambda: len(log.seen) >= len(bad), "the events that tell of them")
    assert await heard(town, ANN) == 2
    reasons = {item.event_id: item.reason for item in items}
    assert reasons == {
        str(bad[0].id): "bug",
        str(bad[1].id): "too_large",
        str(bad[2].id): "refused_by_database",
    }
    assert len({each.id for each in log.seen}) == len(bad)
    assert not any(str(ANN).encode() in each.value for each in log.seen)


async def test_a_message_is_taken_up_once_by_a_release_that_can_decide(town: Town) -> None:
    async with serving(town) as runtime:
        await write(town, facts_of(ANN, BUG), facts_of(ANN))
        (item,) = await parked(runtime, 1)
        await runtime.operator.retry(item.id, WHO)

        async def tried_again() -> bool:
            return (await runtime.operator.parked_one(item.id)).tries == 2

        await eventually(tried_again, "a second try by the same release")
        assert await heard(town, ANN) == 1
    async with serving(town, NEXT) as runtime:
        await runtime.operator.retry(item.id, WHO)

        async def done() -> bool:
            return (await runtime.operator.parked_one(item.id)).state is ParkedState.DONE

        await eventually(done, "the message to be decided")
    assert await heard(town, ANN) == 2
    (row,) = await town.ask(COUNTER, "SELECT value FROM parked")
    assert row["value"] is None


async def test_too_many_bugs_in_a_row_stop_the_lane_until_a_person_lets_it_go_on(
    town: Town,
) -> None:
    async with serving(town) as runtime:
        await write(town, *(facts_of(ANN, BUG) for _ in range(25)), facts_of(BO))

        async def stopped() -> str | None:
            return (await runtime.operator.lane("count", 1)).reason

        await eventually(stopped, "the lane to stop")
        assert "in a row were parked" in str(await stopped())
        assert not (await runtime.probes.ready()).ready
    async with serving_stopped(town) as runtime:
        await runtime.operator.resume("count", 1, accept_gap=False, who=WHO)
        await write(town, facts_of(BO))

        async def goes_on() -> bool:
            return await heard(town, BO) == 2

        await eventually(goes_on, "the lane to go on")


def serving_stopped(town: Town) -> Any:  # noqa: ANN401 - an async context manager
    """The next release, whose lane stands still and so is not ready."""
    return serving(town, NEXT, ready=False)
