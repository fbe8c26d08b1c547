"""A clock starts, warns, breaks or is met, each once; what comes late corrects it."""

from datetime import UTC, datetime

import pytest

from contracts.event import Mode
from contracts.events.breaches import SlaBreached
from contracts.events.clocks import ClockCorrected, ClockMet, ClockStarted, ClockWarned
from contracts.events.kinds import ClockTime
from contracts.reasons import ClockReason
from sla_monitor.domain.state import ClockState, Desk
from tests.unit.sla_monitor.desk import Lead
from tests.unit.sla_monitor.made import (
    MORNING,
    NOON,
    contacted,
    merged,
    minutes,
    promises,
    reassigned,
    recycled,
    routed,
    target,
)


def test_a_handover_starts_the_clock_with_its_deadline_and_warnings() -> None:
    lead = Lead(promises(warn=["50%", "1m before"]))
    assert lead.hear(routed()) == ["clock.started"]
    [started] = lead.told(ClockStarted)
    assert started.deadline == MORNING + minutes(5)
    assert [(each.step, each.at) for each in started.warnings] == [
        ("50%", MORNING + minutes(2.5)),
        ("1m before", MORNING + minutes(4)),
    ]
    assert set(lead.timers) == {
        "warn:1:first_contact:50%",
        "warn:1:first_contact:1m before",
        "breach:1:first_contact",
    }


def test_working_time_counts_the_open_hours_of_the_pool() -> None:
    policy = promises(within="30m", time="working", calendar="pool")
    lead = Lead(policy)
    lead.hear(routed(NOON))
    assert lead.clock.clock.deadline == datetime(2026, 11, 2, 13, tzinfo=UTC)  # 14:00 in Berlin
    assert lead.clock.clock.calendar == "berlin"


def test_the_reps_own_calendar_counts_when_it_is_known() -> None:
    policy = promises(within="1h", time="working", calendar="rep")
    lead = Lead(policy, Desk(calendars={"ana": "boston"}))
    lead.hear(routed(MORNING))
    assert lead.clock.clock.calendar == "boston"
    assert lead.clock.clock.deadline == datetime(2026, 11, 2, 14, 30, tzinfo=UTC)


def test_while_the_rep_is_not_known_the_pools_calendar_counts() -> None:
    lead = Lead(promises(time="working", calendar="rep"))
    lead.hear(routed())
    assert lead.clock.clock.calendar == "berlin"


def test_without_any_calendar_the_clock_runs_on_wall_time_and_says_so() -> None:
    lead = Lead(promises(time="working", calendar="pool"))
    lead.hear(routed(NOON, calendar=None))
    assert lead.clock.clock.time is ClockTime.WALL
    assert lead.clock.clock.deadline == NOON + minutes(5)


def test_a_clock_from_assignment_starts_when_a_rep_has_the_lead() -> None:
    lead = Lead(promises(**{"from": "assignment"}))
    lead.hear(routed(MORNING, assigned_at=MORNING + minutes(3)))
    assert lead.clock.clock.deadline == MORNING + minutes(8)


def test_the_first_policy_that_matches_holds() -> None:
    hot = {"id": "hot", "when": 'lead.grade == "A2"', "targets": target(within="1m")}
    rest = {"id": "rest", "targets": target(within="4h")}
    lead = Lead(promises(hot, rest))
    lead.hear(routed())
    assert lead.clock.clock.policy_id == "hot"
    other = Lead(promises({**hot, "when": 'lead.grade == "D4"'}, rest))
    other.hear(routed())
    assert other.clock.clock.policy_id == "rest"


def test_a_handover_heard_twice_starts_one_clock() -> None:
    lead = Lead()
    lead.hear(routed())
    assert lead.hear(routed()) == []


def test_warning_and_breach_are_said_once_at_their_instants() -> None:
    lead = Lead(promises(warn=["50%"]))
    lead.hear(routed())
    assert lead.until(MORNING + minutes(3)) == ["clock.warned"]
    assert lead.until(MORNING + minutes(6)) == ["sla.breached"]
    assert lead.until(MORNING + minutes(60)) == []
    [breach] = lead.told(SlaBreached)
    assert breach.lateness_seconds == 60
    assert lead.said[-1].occurred_at == MORNING + minutes(5)
    assert lead.clock.state is ClockState.BREACHED


def test_a_warning_that_comes_after_the_deadline_is_left_out() -> None:
    lead = Lead(promises(warn=["50%"]))
    lead.hear(routed())
    assert lead.until(MORNING + minutes(9)) == ["sla.breached"]
    assert lead.told(ClockWarned) == []


def test_a_contact_in_time_meets_the_clock_and_takes_its_timers_back() -> None:
    lead = Lead(promises(warn=["50%"]))
    lead.hear(routed())
    assert lead.hear(contacted(MORNING + minutes(2))) == ["clock.met"]
    [met] = lead.told(ClockMet)
    assert (met.in_time, met.used_seconds) == (True, 120)
    assert lead.timers == {}


def test_a_contact_at_the_deadline_itself_is_in_time() -> None:
    lead = Lead()
    lead.hear(routed())
    assert lead.hear(contacted(MORNING + minutes(5)), MORNING + minutes(9)) == ["clock.met"]


def test_a_contact_of_a_machine_stops_nothing() -> None:
    lead = Lead()
    lead.hear(routed())
    assert lead.hear(contacted(MORNING + minutes(1), automatic=True)) == []
    assert lead.clock.state is ClockState.RUNNING


def test_a_contact_after_the_deadline_says_the_breach_before_the_timer_does() -> None:
    lead = Lead()
    lead.hear(routed())
    assert lead.hear(contacted(MORNING + minutes(6))) == ["sla.breached", "clock.met"]
    assert lead.timers == {}
    assert lead.clock.state is ClockState.LATE


def test_a_contact_after_the_breach_ends_the_clock_as_late() -> None:
    lead = Lead()
    lead.hear(routed())
    lead.until(MORNING + minutes(5))
    assert lead.hear(contacted(MORNING + minutes(7))) == ["clock.met"]
    assert lead.told(ClockMet)[0].in_time is False


def test_a_contact_in_time_that_is_heard_after_the_breach_takes_it_back() -> None:
    lead = Lead()
    lead.hear(routed())
    lead.until(MORNING + minutes(5))
    late = contacted(MORNING + minutes(4))
    assert lead.hear(late, MORNING + minutes(8)) == ["clock.corrected", "clock.met"]
    [corrected] = lead.told(ClockCorrected)
    assert corrected.reason is ClockReason.CONTACT_CAME_LATE
    assert corrected.withdraws_breach
    assert lead.clock.state is ClockState.MET
    assert lead.hear(late, MORNING + minutes(9)) == []


def test_a_contact_that_comes_before_its_handover_is_matched() -> None:
    lead = Lead()
    assert lead.hear(contacted(MORNING + minutes(1))) == []
    assert lead.hear(routed()) == ["clock.started", "clock.met"]
    assert lead.timers == {}


def test_a_contact_of_another_cycle_stops_nothing() -> None:
    lead = Lead()
    lead.hear(routed(cycle=2))
    lead.hear(contacted(MORNING + minutes(1), cycle=1))
    assert lead.clock.state is ClockState.RUNNING


def test_another_owner_goes_on_with_the_same_deadline() -> None:
    lead = Lead()
    lead.hear(routed())
    lead.hear(reassigned(MORNING + minutes(2)))
    [corrected] = lead.told(ClockCorrected)
    assert corrected.reason is ClockReason.REASSIGNED
    assert corrected.open
    assert corrected.deadline == MORNING + minutes(5)
    assert lead.until(MORNING + minutes(5)) == ["sla.breached"]
    assert lead.told(SlaBreached)[0].owner == corrected.owner


@pytest.mark.parametrize(
    ("after", "said"),
    [(3, ["clock.corrected"]), (6, ["sla.breached", "clock.corrected"])],
)
def test_the_end_of_a_cycle_ends_its_clock(after: int, said: list[str]) -> None:
    lead = Lead()
    lead.hear(routed())
    assert lead.hear(recycled(MORNING + minutes(after))) == said
    assert lead.clock.state is ClockState.ENDED
    assert lead.until(MORNING + minutes(60)) == []


def test_an_end_in_time_that_is_heard_after_the_breach_takes_it_back() -> None:
    lead = Lead()
    lead.hear(routed())
    lead.until(MORNING + minutes(5))
    assert lead.hear(recycled(MORNING + minutes(4)), MORNING + minutes(7)) == ["clock.corrected"]
    assert lead.told(ClockCorrected)[0].withdraws_breach
    assert not lead.clock.breached


def test_a_lead_that_is_merged_away_has_no_clock_any_more() -> None:
    lead = Lead()
    lead.hear(routed())
    assert lead.hear(merged(MORNING + minutes(1))) == ["clock.corrected"]
    early = Lead()
    early.hear(merged(MORNING + minutes(1)))
    early.hear(routed())
    assert early.clock.state is ClockState.ENDED


def test_a_historical_handover_starts_no_clock() -> None:
    lead = Lead()
    assert lead.hear(routed(mode=Mode.HISTORICAL)) == []
    assert lead.desk == Desk()


def test_all_that_a_test_leads_clock_says_is_marked() -> None:
    lead = Lead()
    lead.hear(routed(mode=Mode.TEST))
    lead.hear(contacted(MORNING + minutes(6)))  # a command's own mode is live
    assert {say.mode for say in lead.said} == {Mode.TEST}


def test_a_lead_that_was_only_a_test_gets_a_real_clock_when_it_is_real() -> None:
    lead = Lead()
    lead.hear(routed(mode=Mode.TEST))
    real = routed(MORNING + minutes(2))
    assert lead.hear(real) == ["clock.corrected", "clock.started"]
    assert lead.hear(routed(MORNING + minutes(3), mode=Mode.TEST)) == []
    assert lead.until(MORNING + minutes(7)) == ["sla.breached"]
    assert lead.said[-1].mode is Mode.LIVE


def test_old_cycles_are_forgotten_but_not_those_with_an_open_clock() -> None:
    lead = Lead()
    lead.hear(routed(cycle=1))
    for cycle in range(2, 8):
        lead.hear(routed(cycle=cycle))
        lead.hear(contacted(MORNING, cycle=cycle))
    assert [each.number for each in lead.desk.cycles] == [1, 5, 6, 7]
