"""What routing does with what it hears: pure decisions on made-up leads."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from contracts.event import Mode
from contracts.events.kinds import Stage
from routing.domain.decide import on_qualified, on_returned, on_timer, on_unqualified
from routing.domain.rotation import Rotation
from routing.domain.rulebook import Rulebook
from routing.domain.state import Case
from tests.unit.routing.words import (
    DEMO_FACTS,
    TUESDAY_TEN,
    demo,
    heard,
    new_case,
    qualified,
    returned,
    rulebook,
    said,
    text,
    timer,
    unqualified,
)

NIGHT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Tuesday, three o'clock in Berlin, nine in the evening in Boston."""
PLAIN: Mapping[str, Any] = {**DEMO_FACTS, "lead.grade": "C3"}


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return demo()


def routed_case(book: Rulebook) -> Case:
    body = qualified()
    return on_qualified(new_case(body), heard(body), book, TUESDAY_TEN).state


def test_the_demo_lead_goes_to_the_first_of_emea_by_its_rule(book: Rulebook) -> None:
    body = qualified()
    decision = on_qualified(new_case(body), heard(body), book, TUESDAY_TEN)
    (routed,) = said(decision)
    assert (routed.owner.rep_id, routed.owner.team) == ("ana", "berlin")
    assert (routed.pool, routed.calendar, routed.rule, routed.because) == (
        "emea",
        "berlin",
        "emea",
        "turn",
    )
    assert [each.rule for each in routed.passed_over] == ["big-target", "americas"]
    assert [(each.rep_id, each.reason) for each in routed.candidates] == [
        ("ana", "chosen"),
        ("jonas", "tie"),
        ("mia", "tie"),
    ]
    assert (routed.next_rep_id, routed.decision_no) == ("jonas", 1)
    assert routed.policies["routing"] == "hash-of-routing"
    assert decision.state.lead.stage is Stage.SQL


def test_a_lead_told_twice_is_routed_once(book: Rulebook) -> None:
    body = qualified()
    first = on_qualified(new_case(body), heard(body), book, TUESDAY_TEN)
    again = on_qualified(first.state, heard(body), book, TUESDAY_TEN)
    assert said(again) == []
    assert again.state == first.state


def test_when_nobody_is_at_work_a_hot_lead_is_assigned_anyway(book: Rulebook) -> None:
    body = qualified(at=NIGHT)
    (routed,) = said(on_qualified(new_case(body), heard(body, NIGHT), book, NIGHT))
    assert (routed.because, routed.pool, routed.owner.rep_id) == ("nobody_available", "emea", "ana")


def test_a_hot_lead_overflows_to_who_is_at_work(book: Rulebook) -> None:
    evening = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
    body = qualified(at=evening)
    (routed,) = said(on_qualified(new_case(body), heard(body, evening), book, evening))
    assert (routed.because, routed.pool, routed.owner.rep_id) == ("overflow", "americas", "priya")
    assert {each.reason for each in routed.candidates if each.rep_id == "ana"} == {"outside_hours"}


def test_a_plain_lead_waits_until_its_pool_opens_and_then_has_an_owner(book: Rulebook) -> None:
    body = qualified(at=NIGHT, facts=PLAIN)
    held = on_qualified(new_case(body), heard(body, NIGHT), book, NIGHT)
    (told,) = said(held)
    opens = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    assert (told.reason, told.pool, told.until) == ("pool_closed", "emea", opens)
    assert held.state.rotation == Rotation()
    decision = on_timer(held.state, timer(held), book, opens)
    (routed,) = said(decision)
    assert (routed.because, routed.owner.rep_id, routed.decision_no) == ("hold_ended", "ana", 1)
    assert decision.state.lead.waiting is None
    assert routed.score == body.score


def test_a_hold_lasts_no_longer_than_the_policy_says(book: Rulebook) -> None:
    friday = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)
    body = qualified(at=friday, facts=PLAIN)
    held = on_qualified(new_case(body), heard(body, friday), book, friday)
    assert said(held)[0].until == friday + timedelta(hours=16)
    (routed,) = said(on_timer(held.state, timer(held), book, said(held)[0].until))
    assert (routed.because, routed.pool) == ("hold_ended", "emea")


def test_a_held_lead_that_falls_below_the_line_goes_to_nobody(book: Rulebook) -> None:
    body = qualified(at=NIGHT, facts=PLAIN)
    held = on_qualified(new_case(body), heard(body, NIGHT), book, NIGHT)
    fell = unqualified(held.state.lead, NIGHT)
    decision = on_unqualified(held.state, heard(fell, NIGHT), book, NIGHT)
    assert [each.reason for each in said(decision)] == ["unqualified"]
    assert [(each.name, each.due_at) for each in decision.timers] == [("hold", None)]
    assert decision.state.lead.stage is Stage.LEAD
    late = on_timer(decision.state, timer(held), book, TUESDAY_TEN)
    assert said(late) == []


def test_an_unqualified_that_crosses_the_handover_leaves_the_owner(book: Rulebook) -> None:
    case = routed_case(book)
    decision = on_unqualified(case, heard(unqualified(case.lead)), book, TUESDAY_TEN)
    assert said(decision) == []
    assert decision.state.lead.owner == case.lead.owner
    assert decision.state.lead.unqualified_at == TUESDAY_TEN


@pytest.mark.parametrize("consent", ["denied", "withdrawn"])
def test_the_gate_stops_who_does_not_want_to_be_contacted(book: Rulebook, consent: str) -> None:
    body = qualified(facts={**DEMO_FACTS, "lead.consent.contact": consent})
    decision = on_qualified(new_case(body), heard(body), book, TUESDAY_TEN)
    (unrouted,) = said(decision)
    assert (unrouted.reason, unrouted.rule) == ("no_consent", "no-contact")
    asks_again = returned(decision.state.lead, DEMO_FACTS)
    (routed,) = said(on_returned(decision.state, heard(asks_again), book, TUESDAY_TEN))
    assert routed.owner.rep_id == "ana"


def test_an_unknown_consent_stops_nothing(book: Rulebook) -> None:
    facts = {name: value for name, value in DEMO_FACTS.items() if "consent" not in name}
    body = qualified(facts=facts)
    (routed,) = said(on_qualified(new_case(body), heard(body), book, TUESDAY_TEN))
    assert routed.owner.rep_id == "ana"


@pytest.mark.parametrize("by", ["mode", "gate"])
def test_a_test_walks_to_the_end_and_takes_no_turn(book: Rulebook, by: str) -> None:
    body = qualified(facts={**DEMO_FACTS, "lead.is_test": by == "gate"})
    event = heard(body, mode=Mode.TEST if by == "mode" else Mode.LIVE)
    decision = on_qualified(new_case(body), event, book, TUESDAY_TEN)
    (say,) = decision.says
    (routed,) = said(decision)
    assert (getattr(say, "mode", None), routed.decision_no) == (Mode.TEST, None)
    assert decision.state.rotation == Rotation()


def test_history_routes_nobody(book: Rulebook) -> None:
    body = qualified()
    event = heard(body, mode=Mode.HISTORICAL)
    (unrouted,) = said(on_qualified(new_case(body), event, book, TUESDAY_TEN))
    assert unrouted.reason == "historical"


def test_a_lead_that_asks_again_keeps_its_owner(book: Rulebook) -> None:
    case = routed_case(book)
    again = returned(case.lead, {**DEMO_FACTS, "lead.score": 90})
    decision = on_returned(case, heard(again), book, TUESDAY_TEN)
    assert said(decision) == []
    assert decision.state.lead.owner == case.lead.owner
    assert decision.state.lead.facts["lead.score"] == 90


def test_a_recycled_lead_comes_back_to_who_held_it_and_takes_no_turn(book: Rulebook) -> None:
    case = routed_case(book)
    assert case.lead.assigned is not None
    ended = case.lead.assigned.model_copy(update={"ended_at": TUESDAY_TEN})
    lead = case.lead.model_copy(update={"stage": Stage.RECYCLED, "assigned": ended})
    body = qualified(lead.lead_id, cycle=2)
    decision = on_qualified(Case(lead=lead, rotation=case.rotation), heard(body), book, TUESDAY_TEN)
    (routed,) = said(decision)
    assert (routed.because, routed.owner.rep_id, routed.pool) == ("holds_lead", "ana", None)
    assert (routed.calendar, routed.decision_no) == ("berlin", None)
    assert decision.state.rotation == case.rotation


def test_a_lead_of_a_rule_whose_pool_is_gone_goes_to_nobody() -> None:
    book = rulebook({"ana": 1})
    team = book.team.model_copy(update={"pools": {}})
    gone = Rulebook(book.routing, team, book.calendars, book.lists, book.hashes)
    body = qualified()
    (unrouted,) = said(on_qualified(new_case(body), heard(body), gone, TUESDAY_TEN))
    assert (unrouted.reason, unrouted.unblocked_by) == ("empty_pool", ("policy",))


@given(
    st.dictionaries(st.sampled_from(["ana", "jonas", "mia"]), st.integers(1, 9), min_size=1),
    st.integers(1, 30),
)
def test_the_same_facts_give_the_same_bytes(members: dict[str, int], count: int) -> None:
    book, rotation = rulebook(members), Rotation()
    for _ in range(count):
        body = qualified(facts={})
        event, case = heard(body), new_case(body, rotation)
        once = on_qualified(case, event, book, TUESDAY_TEN)
        stored = Case.model_validate_json(case.model_dump_json())
        assert text(on_qualified(stored, event, book, TUESDAY_TEN)) == text(once)
        assert once.state.rotation is not None
        rotation = once.state.rotation
    assert rotation.decision_no == count
