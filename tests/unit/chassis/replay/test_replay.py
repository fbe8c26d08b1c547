"""Replay: what was recorded comes out again byte for byte, and whatever was changed is found."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.lanes.deciding import decide_all
from chassis.lanes.history import HistoryRow, sealed
from chassis.lanes.step import Received
from chassis.lanes.verifying import types_of_step
from chassis.replay import Difference, replay
from contracts.body import Part
from contracts.event import Event, Mode
from contracts.ids import from_words
from tests.support.toys.counter import LATER, STEP, Case, Press
from tests.unit.chassis.lanes.examples import GROUND, NOW, facts, lead, timer

TYPES = types_of_step(STEP)


def press(number: int, of: int) -> Received:
    body = Press(lead_id=lead(of), times=2)
    event: Event[Part] = Event(from_words("press", str(number)), body, NOW, NOW, Mode.LIVE, None, 0)
    return Received(event, str(lead(of)))


def heard(number: int, of: int) -> Received:
    event = facts(number, of, LATER if number % 3 == 0 else "form")
    return Received(event, event.body.key())


def due(_number: int, of: int) -> Received:
    return timer(of)


def recorded(run: list[tuple[str, int]]) -> list[HistoryRow]:
    states: dict[str, Any] = {str(lead(of)): Case() for of in (1, 2)}
    made = {"heard": heard, "press": press, "due": due}
    batch = [made[kind](number, of) for number, (kind, of) in enumerate(run)]
    rows: list[HistoryRow] = []
    for each in batch:
        rows += decide_all(STEP, [each], states, GROUND).history
    return [sealed(row, number) for number, row in enumerate(rows, 1)]


def again(
    rows: list[HistoryRow], types: Mapping[str, type[Part]] = TYPES
) -> list[Difference | None]:
    return list(replay(rows, STEP, lambda _: None, types))


runs = st.lists(
    st.tuples(st.sampled_from(["heard", "press", "due"]), st.sampled_from([1, 2])), max_size=8
)


@given(runs)
def test_events_commands_and_timers_come_out_again_byte_for_byte(
    run: list[tuple[str, int]],
) -> None:
    rows = recorded(run)
    assert len(rows) == len(run)
    assert again(rows) == [None] * len(run)


FORGED = {
    "says": {"says": "[]"},
    "before": {"before": '{"heard":7,"pressed":0,"reminded":0}'},
    "after_digest": {"after_digest": b"x" * 16},
    "cause_type": {"cause_type": "Press"},
    "event": {"event": "{}"},
    "now": {"now": NOW.replace(year=2027)},
    "cause unknown": {"cause_type": "baton.nothing.v1"},
}


@pytest.mark.parametrize("columns", FORGED.values(), ids=FORGED.keys())
def test_a_forger_who_renews_the_digest_is_found_by_deciding_again(
    columns: dict[str, Any],
) -> None:
    (row,) = recorded([("heard", 1)])
    forged = sealed(replace(row, **columns), 1)
    assert forged.is_sound()
    assert again([forged])[0] is not None


def test_a_row_that_was_changed_is_told_as_such() -> None:
    (row,) = recorded([("heard", 1)])
    (difference,) = again([replace(row, key="other")])
    assert difference is not None
    assert difference.why == "the row was changed after it was written"


def test_another_policy_shows_what_it_would_say() -> None:
    rows = recorded([("heard", 1), ("heard", 1)])

    def decide_otherwise(state: Case, *_: object) -> Any:  # noqa: ANN401
        return STEP.handlers[Press](state, press(0, 1).event, None, NOW)

    other = replace(STEP, handlers={type(facts(1).body): decide_otherwise})
    differences = list(replay(rows, other, lambda _: None, TYPES))
    assert [each is not None and each.why for each in differences] == ["it says something else"] * 2
