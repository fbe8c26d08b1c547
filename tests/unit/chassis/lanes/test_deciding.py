"""Deciding a batch: a failure leaves no trace, an overtaken timer does not fire, ids follow."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.lanes.deciding import TooLarge, decide_all
from chassis.lanes.step import Received
from contracts.body import Part
from contracts.decision import Refused
from contracts.event import Event, Mode
from contracts.ids import from_words
from tests.support.toys.counter import BUG, LARGE, LATER, REMIND, STEP, Case, Press
from tests.unit.chassis.lanes.examples import GROUND, NOW, facts, heard, lead, timer

told = st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["form", "form", BUG])), max_size=12)


def fresh() -> dict[str, Any]:
    return {str(lead(of)): Case() for of in (1, 2, 3)}


@given(told)
def test_a_failure_leaves_no_trace(batch: list[tuple[int, str]]) -> None:
    events = [facts(at, of, source) for at, (of, source) in enumerate(batch)]
    good = [each for each in events if each.body.source == "form"]
    states, others = fresh(), fresh()
    mixed = decide_all(STEP, heard(*events), states, GROUND)
    clean = decide_all(STEP, heard(*good), others, GROUND)
    assert states == others
    assert mixed.states == clean.states
    assert mixed.said == clean.said
    assert mixed.history == clean.history
    assert mixed.timers == clean.timers
    assert [each.event for each in mixed.heard] == good
    failed = [each.received.event for each in mixed.failures]
    assert failed == [each for each in events if each.body.source != "form"]


@given(told, st.data())
def test_however_a_run_is_cut_into_batches_the_same_is_said(
    batch: list[tuple[int, str]], data: st.DataObject
) -> None:
    events = heard(*(facts(at, of, source) for at, (of, source) in enumerate(batch)))
    whole_states, states = fresh(), fresh()
    whole = decide_all(STEP, events, whole_states, GROUND)
    said, history = [], []
    while events:
        size = data.draw(st.integers(1, len(events)))
        done = decide_all(STEP, events[:size], states, GROUND)
        said += done.said
        history += done.history
        events = events[size:]
    assert (said, history, states) == (whole.said, whole.history, whole_states)


def test_saying_too_much_is_told_as_such() -> None:
    done = decide_all(STEP, heard(facts(1, source=LARGE)), fresh(), GROUND)
    assert [type(each.error) for each in done.failures] == [TooLarge]


def test_a_timer_that_the_batch_replaced_or_took_back_does_not_fire() -> None:
    batch = [*heard(facts(1, source=LATER)), timer(1), timer(2)]
    done = decide_all(STEP, batch, fresh(), GROUND)
    assert done.fired == [(str(lead(2)), REMIND)]
    assert set(done.timers) == {(str(lead(1)), REMIND)}


def test_what_has_no_state_is_heard_and_not_decided() -> None:
    done = decide_all(STEP, heard(facts(1)), {}, GROUND)
    assert len(done.heard) == 1
    assert (done.said, done.history, done.states) == ([], [], {})


def test_mode_cause_and_ids_follow_from_what_was_heard() -> None:
    body = facts(1).body
    event: Event[Part] = Event(from_words("e"), body, NOW, NOW, Mode.HISTORICAL, None, 0)
    done = decide_all(STEP, [Received(event, body.key(), trace="t")], fresh(), GROUND)
    again = decide_all(STEP, [Received(event, body.key(), trace="t")], fresh(), GROUND)
    (said,) = done.said
    assert said == again.said[0]
    assert (said.event.mode, said.event.cause, said.trace) == (Mode.HISTORICAL, event.id, "t")
    assert said.event.recorded_at == GROUND.now


def test_a_refused_command_is_raised_to_its_caller() -> None:
    press = Press(lead_id=lead(1), times=0)
    event: Event[Part] = Event(from_words("p"), press, NOW, NOW, Mode.LIVE, None, 0)
    with pytest.raises(Refused, match="at least once"):
        decide_all(STEP, [Received(event, str(lead(1)))], fresh(), GROUND)


def test_events_of_one_kind_by_one_cause_have_ids_of_their_own() -> None:
    press = Press(lead_id=lead(1), times=3)
    event: Event[Part] = Event(from_words("p"), press, NOW, NOW, Mode.LIVE, None, 0)
    done = decide_all(STEP, [Received(event, str(lead(1)))], fresh(), GROUND)
    assert len({each.event.id for each in done.said}) == 3
