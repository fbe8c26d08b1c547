"""Reports of sales: what each kind says, where the lead goes, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from contracts.decision import Decision, Refused
from contracts.event import Mode
from contracts.events.kinds import ActorKind, Stage
from contracts.events.parts import Actor
from contracts.lifecycle import possible_at
from routing.domain.activity import EVENT_OF, kinds_at, on_report
from routing.domain.decide import on_qualified
from routing.domain.rulebook import Rulebook
from routing.domain.state import Case
from routing.domain.told import Report, Told
from tests.unit.routing.words import (
    TUESDAY_TEN,
    heard,
    new_case,
    qualified,
    rulebook,
    said,
)

BOOK: Rulebook = rulebook({"ana": 1})
ANA = Actor(kind=ActorKind.REP, id="ana")
OPPORTUNITY = {"kind": "opportunity", "opportunity_id": "o1"}
WON = {"kind": "won", "opportunity_id": "o1"}
LOST = {"kind": "lost", "opportunity_id": "o1", "reason": "price"}
CALL = {"kind": "contacted", "channel": "call", "outcome": "no_answer"}


def days(number: int) -> timedelta:
    return timedelta(days=number)


def owned(mode: Mode = Mode.LIVE) -> Case:
    body = qualified()
    return on_qualified(new_case(body), heard(body, mode=mode), BOOK, TUESDAY_TEN).state


def tell(case: Case, told: dict[str, Any]) -> tuple[Case, list[Any]]:
    what: Any = TypeAdapter(Told).validate_python(told)
    decision = on_report(case, heard(Report(what=what, by=ANA)), BOOK, TUESDAY_TEN)
    return decision.state, said(decision)


def test_a_contact_names_the_assignment_it_belongs_to() -> None:
    case = owned()
    after, (contacted,) = tell(case, CALL)
    assert case.lead.assigned is not None
    assert contacted.assignment_id == case.lead.assigned.assignment_id
    assert (contacted.owner.rep_id, contacted.cycle, contacted.stage) == ("ana", 1, Stage.SQL)
    assert (contacted.by, contacted.automatic) == (ANA, False)
    assert after == case


def test_a_deal_goes_its_way_to_a_customer_and_back_to_marketing() -> None:
    case, _ = tell(owned(), {"kind": "accepted"})
    case, (opened,) = tell(case, OPPORTUNITY)
    assert opened.stage is Stage.OPPORTUNITY
    case, (won,) = tell(case, WON)
    assert won.stage is Stage.CUSTOMER
    case, told = tell(case, {"kind": "churned", "reason": "price"})
    assert [each.TYPE for each in told] == ["customer.churned", "lead.recycled"]
    assert case.lead.stage is Stage.RECYCLED
    assert case.lead.owner is None


def test_an_assignment_is_accepted_once() -> None:
    case, (accepted,) = tell(owned(), {"kind": "accepted"})
    assert accepted.TYPE == "lead.accepted"
    with pytest.raises(Refused, match="accepted it before") as caught:
        tell(case, {"kind": "accepted"})
    assert (caught.value.status, caught.value.reason) == (409, "accepted-before")


def test_who_gets_the_lead_next_accepts_it_anew() -> None:
    case, _ = tell(owned(), {"kind": "accepted"})
    case, _ = tell(case, {"kind": "recycled"})
    body = qualified(case.lead.lead_id, cycle=2)
    case = on_qualified(case, heard(body), BOOK, TUESDAY_TEN).state
    _, (accepted,) = tell(case, {"kind": "accepted"})
    assert accepted.cycle == 2


def test_a_lost_deal_goes_back_to_marketing() -> None:
    case, _ = tell(owned(), OPPORTUNITY)
    case, told = tell(case, LOST)
    assert [(each.TYPE, str(each.reason)) for each in told] == [
        ("deal.lost", "price"),
        ("lead.recycled", "deal_lost"),
    ]
    assert len({each.activity_id for each in told}) == 2


@pytest.mark.parametrize(
    ("reason", "then", "stage"),
    [
        ("bad_timing", None, Stage.RECYCLED),
        ("spam", None, Stage.DISQUALIFIED),
        ("spam", "recycle", Stage.RECYCLED),
        ("no_budget", "disqualify", Stage.DISQUALIFIED),
    ],
)
def test_a_rejection_recycles_or_disqualifies_by_its_reason(
    reason: str, then: str | None, stage: Stage
) -> None:
    case, told = tell(owned(), {"kind": "rejected", "reason": reason, "then": then})
    assert told[0].TYPE == "lead.rejected"
    assert told[1].stage is case.lead.stage is stage
    assert case.lead.owner is None


def test_a_rejected_lead_goes_to_somebody_by_the_rules_next_time() -> None:
    case, _ = tell(owned(), {"kind": "rejected", "reason": "bad_timing"})
    body = qualified(case.lead.lead_id, cycle=2)
    (routed,) = said(on_qualified(case, heard(body), BOOK, TUESDAY_TEN))
    assert routed.because == "turn"


def test_an_impossible_step_is_refused_and_names_the_possible_ones() -> None:
    with pytest.raises(Refused) as caught:
        tell(owned(), WON)
    assert caught.value.status == 409
    assert "possible: accepted, contacted, disqualified, meeting" in caught.value.detail


def report_at(case: Case, at: timedelta, now: timedelta) -> Decision[Case]:
    """A call told as ``at`` after Tuesday ten, heard ``now`` after it."""
    what: Any = TypeAdapter(Told).validate_python(CALL | {"occurred_at": TUESDAY_TEN + at})
    event = heard(Report(what=what, by=ANA), TUESDAY_TEN + at)
    return on_report(case, event, BOOK, TUESDAY_TEN + now)


@given(at=st.timedeltas(-days(9), days(9)), now=st.timedeltas(days(0), days(9)))
def test_a_contact_lies_between_the_leads_qualification_and_now(
    at: timedelta, now: timedelta
) -> None:
    case = owned()
    if days(0) <= at <= now:
        (say,) = report_at(case, at, now).says
        assert getattr(say, "occurred_at", None) == TUESDAY_TEN + at
        return
    with pytest.raises(Refused) as caught:
        report_at(case, at, now)
    assert caught.value.status == 422
    assert caught.value.reason == ("before-the-lead" if at < days(0) else "in-the-future")


def test_a_tool_that_keeps_minutes_may_tell_the_minute_of_the_qualification() -> None:
    body = qualified(at=TUESDAY_TEN + timedelta(seconds=59))
    case = on_qualified(new_case(body), heard(body), BOOK, TUESDAY_TEN).state
    assert report_at(case, days(0), timedelta(minutes=5)).says


def test_a_contact_of_the_cycle_before_does_not_count_for_the_next() -> None:
    case, _ = tell(owned(), {"kind": "rejected", "reason": "bad_timing"})
    body = qualified(case.lead.lead_id, TUESDAY_TEN + days(7), cycle=2)
    case = on_qualified(case, heard(body, body.qualified_at), BOOK, body.qualified_at).state
    with pytest.raises(Refused, match="came to sales, at 2026-"):
        report_at(case, days(1), days(8))


def test_what_an_import_tells_of_the_past_has_no_bound() -> None:
    assert report_at(owned(Mode.HISTORICAL), -days(400), days(0)).says


def test_what_is_told_of_a_test_stays_a_test() -> None:
    case = owned(Mode.TEST)
    what: Any = TypeAdapter(Told).validate_python(CALL)
    (say,) = on_report(case, heard(Report(what=what, by=ANA)), BOOK, TUESDAY_TEN).says
    assert getattr(say, "mode", None) is Mode.TEST


@pytest.mark.parametrize("stage", list(Stage))
def test_each_stage_offers_what_the_lifecycle_allows(stage: Stage) -> None:
    kinds = kinds_at(stage)
    assert {EVENT_OF[kind].TYPE for kind in kinds} <= set(possible_at(stage))
