"""Verification on real rows: equal as recorded; a row that was changed or taken away is found."""

from collections.abc import AsyncIterator

import pytest

from chassis.http.operations import Verification, VerifyState
from chassis.lanes.commands import Command
from chassis.runtime import Runtime
from tests.support.toys.counter import STEP, Press, answer
from tests.support.toys.inside import WHO, eventually, facts_of, lead_in, serving, write
from tests.support.toys.town import COUNTER, Town

ANN = lead_in(1)


@pytest.fixture
async def runtime(town: Town) -> AsyncIterator[Runtime]:
    """A counter with a history of events, a command and a timer."""
    async with serving(town) as made:
        await write(town, *(facts_of(ANN) for _ in range(3)))
        await made.desk.run(STEP, Command(Press(lead_id=ANN), str(ANN)), answer)

        async def all_there() -> bool:
            return len(await town.ask(COUNTER, "SELECT 1 FROM history")) == 5

        await eventually(all_there, "three events, a command and a timer")
        yield made


async def verified(runtime: Runtime) -> Verification:
    job = (await runtime.operator.verify(WHO)).id

    async def ended() -> bool:
        return (await runtime.operator.verification(job)).state is not VerifyState.RUNNING

    await eventually(ended, "the verification to end")
    return await runtime.operator.verification(job)


async def test_what_was_recorded_comes_out_again(runtime: Runtime) -> None:
    found = await verified(runtime)
    assert (found.state, found.done, found.different) == (VerifyState.EQUAL, 5, 0)


LAST_EVENT = "SELECT max(decision_no) AS no FROM history WHERE cause_type LIKE 'baton.facts%'"
"""Commands and timers stand anywhere between the events."""
CORRUPTED = {
    "says": "UPDATE history SET says = '[]' WHERE decision_no = $1",
    "before": "UPDATE history SET before = '{\"heard\":9}' WHERE decision_no = $1",
    "event": "UPDATE history SET event = (SELECT event FROM history WHERE decision_no = 1) "
    "WHERE decision_no = $1",
    "now": "UPDATE history SET now = now + interval '1 microsecond' WHERE decision_no = $1",
    "cause_type": "UPDATE history SET cause_type = 'Press' WHERE decision_no = $1",
    "key": "UPDATE history SET key = 'x' WHERE decision_no = $1",
    "part": "UPDATE history SET part = 3 WHERE decision_no = $1",
    "number": "UPDATE history SET decision_no = 30 WHERE decision_no = $1",
    "digest": "UPDATE history SET digest = 'x' WHERE decision_no = $1",
    "one is gone": "DELETE FROM history WHERE decision_no = $1",
    "the end is gone": "DELETE FROM history WHERE decision_no >= $1",
}


async def test_whatever_is_corrupted_is_found(town: Town, runtime: Runtime) -> None:
    await town.ask(COUNTER, "CREATE TABLE kept AS SELECT * FROM history")
    (row,) = await town.ask(COUNTER, LAST_EVENT)
    for what, sql in CORRUPTED.items():
        await town.ask(COUNTER, sql, row["no"])
        found = await verified(runtime)
        assert found.state is VerifyState.DIFFERENT, what
        assert found.differences, what
        await town.ask(COUNTER, "DELETE FROM history")
        await town.ask(COUNTER, "INSERT INTO history SELECT * FROM kept")
    assert (await verified(runtime)).state is VerifyState.EQUAL
