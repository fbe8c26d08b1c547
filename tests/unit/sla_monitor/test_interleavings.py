"""Order holds within one topic only: any interleaving ends in the same state."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.event import Event
from contracts.events.breaches import SlaBreached
from contracts.events.clocks import ClockCorrected, ClockStarted
from tests.unit.sla_monitor.desk import Lead
from tests.unit.sla_monitor.made import (
    MORNING,
    contacted,
    minutes,
    promises,
    reassigned,
    recycled,
    routed,
)

NOW = MORNING + minutes(60)
POLICY = promises(warn=["50%"])


@st.composite
def topics(draw: st.DrawFn) -> tuple[list[Event[Any]], list[Event[Any]]]:
    """What each of the two topics says of up to three cycles, in its order."""
    sql: list[Event[Any]] = []
    activity: list[Event[Any]] = []
    for cycle in range(1, draw(st.integers(1, 3)) + 1):
        begin = MORNING + minutes(20 * cycle)
        sql.append(routed(begin, cycle=cycle))
        if draw(st.booleans()):
            sql.append(reassigned(begin + minutes(1), cycle=cycle))
        contacts = draw(st.lists(st.integers(-1, 9), max_size=3))
        own: list[Event[Any]] = [
            contacted(begin + minutes(at), cycle=cycle, automatic=draw(st.booleans()))
            for at in contacts
        ]
        if draw(st.booleans()):
            end = recycled(begin + minutes(draw(st.integers(0, 9))), cycle=cycle)
            own.insert(draw(st.integers(0, len(own))), end)
        activity += own
    return sql, activity


def merged(data: st.DataObject, one: Sequence[Any], other: Sequence[Any]) -> list[Any]:
    """Return both in one order that keeps that of each."""
    left, right, out = list(one), list(other), list[Any]()
    while left and right:
        out.append((left if data.draw(st.booleans()) else right).pop(0))
    return [*out, *left, *right]


@given(st.data())
def test_any_interleaving_of_handovers_and_activities_ends_in_the_same_state(
    data: st.DataObject,
) -> None:
    sql, activity = data.draw(topics())
    first, second = Lead(POLICY), Lead(POLICY)
    for event in [*sql, *activity]:
        first.hear(event, NOW)
    for event in merged(data, sql, activity):
        second.hear(event, NOW)
    assert first.desk == second.desk
    assert first.timers == second.timers


@given(st.data())
def test_whenever_timers_fire_each_clock_ends_with_the_same_verdict_and_one_breach_at_most(
    data: st.DataObject,
) -> None:
    sql, activity = data.draw(topics())
    calm, busy = Lead(POLICY), Lead(POLICY)
    for event in [*sql, *activity]:
        calm.hear(event, NOW)
    for event in merged(data, sql, activity):
        busy.hear(event, NOW)
        if data.draw(st.booleans()):
            busy.until(NOW)
    for lead in (calm, busy):
        lead.until(NOW + minutes(60))
        told = [each.clock_id for each in lead.told(SlaBreached)]
        assert len(told) == len(set(told))
        started = [each.clock_id for each in lead.told(ClockStarted)]
        assert (
            len(started)
            == len(set(started))
            == len(sql) - sum(event.body.TYPE == "lead.reassigned" for event in sql)
        )
        taken_back = [c.clock_id for c in lead.told(ClockCorrected) if c.withdraws_breach]
        assert set(taken_back) <= set(told)
    assert verdicts(calm) == verdicts(busy)


def verdicts(lead: Lead) -> list[Any]:
    """How each clock stands; when it was met, too."""
    clocks = [clock for cycle in lead.desk.cycles for clock in cycle.clocks]
    return [(each.clock.cycle, each.state, each.met_at, each.breached) for each in clocks]
