"""History rows are canonical, and no column can be changed without being found."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.lanes.deciding import decide_all
from chassis.lanes.history import HistoryRow, canonical, sealed
from chassis.lanes.verifying import Numbering
from contracts.ids import from_words
from tests.support.toys.counter import STEP, Case
from tests.unit.chassis.lanes.examples import GROUND, NOW, facts, heard, lead

json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)


def row(number: int = 1) -> HistoryRow:
    done = decide_all(STEP, heard(facts(number)), {str(lead(1)): Case()}, GROUND)
    return sealed(done.history[0], number)


@given(json)
def test_one_value_has_one_text(value: Any) -> None:  # noqa: ANN401 - JSON's values
    def turned(each: Any) -> Any:  # noqa: ANN401
        if isinstance(each, dict):
            return {name: turned(each[name]) for name in reversed(list(each))}
        return [turned(one) for one in each] if isinstance(each, list) else each

    assert canonical(value) == canonical(turned(value))


def test_instants_are_told_in_utc() -> None:
    moment = datetime(2026, 11, 24, 13, tzinfo=timezone(timedelta(0)))
    assert canonical(moment) == canonical(moment.astimezone(UTC)) == b'"2026-11-24T13:00:00Z"'


CHANGED: dict[str, Any] = {
    "step": "other",
    "part": 3,
    "decision_no": 2,
    "key": "x",
    "cause": from_words("x"),
    "cause_type": "TimerDue",
    "event": "{}",
    "policy": "sla@1",
    "now": NOW + timedelta(microseconds=1),
    "before": "{}",
    "says": "[]",
    "after_digest": b"x" * 16,
    "digest": b"x" * 16,
}


def test_the_examples_name_every_column() -> None:
    assert CHANGED.keys() == {each.name for each in fields(HistoryRow)}


@pytest.mark.parametrize("column", CHANGED)
def test_a_change_of_any_column_is_found(column: str) -> None:
    assert row().is_sound()
    assert not replace(row(), **{column: CHANGED[column]}).is_sound()


def test_two_columns_cannot_run_into_each_other() -> None:
    moved = replace(row(), before=row().event + row().policy, policy="")
    assert not moved.is_sound()


@given(st.sets(st.integers(1, 12)), st.integers(0, 12))
def test_decisions_that_are_gone_are_told(there: set[int], last: int) -> None:
    run = Numbering({("count", 2): last})
    shown = [
        gap for number in sorted(there) for gap in run.before(replace(row(), decision_no=number))
    ]
    shown += run.missing_at_the_end()
    complete = there == set(range(1, max([last, *there], default=0) + 1))
    assert (shown == []) == complete
