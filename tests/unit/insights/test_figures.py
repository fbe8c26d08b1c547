"""Figures count live leads once, whatever comes twice or late."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.body import Body
from contracts.event import Event, Mode
from contracts.events.activity import LeadContacted
from contracts.events.breaches import SlaBreached
from contracts.events.clocks import ClockCorrected, ClockMet, ClockStarted
from contracts.events.mql import LeadQualified
from contracts.events.resolved import TouchResolved
from insights.domain.figures import Reached, milestones, promises, spam
from insights.domain.sentences import sentence
from tests.unit.insights.made import LEAD, body_of, recorded

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
CLOCK = UUID("00000000-0000-5000-8000-000000000002")


def said(kind: type[Body], minutes: int = 0, mode: Mode = Mode.LIVE, **given: object) -> Event[Any]:
    at = NOON + timedelta(minutes=minutes)
    fields = {**body_of(kind), "lead_id": LEAD, **given}
    return Event(uuid4(), kind.model_validate(fields), at, at, mode, None, 1)


@settings(deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1))
def test_the_earliest_contact_by_a_person_counts(minutes: list[int]) -> None:
    machine = said(LeadContacted, -5, automatic=True)
    found = milestones([machine, *(said(LeadContacted, each) for each in minutes)])
    assert [(each.what, each.at) for each in found] == [
        (Reached.CONTACTED, NOON + timedelta(minutes=min(minutes)))
    ]


def test_each_cycle_counts_of_its_own() -> None:
    found = milestones([said(LeadQualified, cycle=1), said(LeadQualified, cycle=2)])
    assert sorted(each.cycle for each in found) == [1, 2]


def test_what_is_no_live_lead_is_not_counted() -> None:
    others = [Mode.TEST, Mode.HISTORICAL]
    assert milestones([said(LeadQualified, mode=mode) for mode in others]) == []
    assert promises([said(SlaBreached, mode=mode) for mode in others]) == []


def test_a_visitor_is_counted_as_a_lead_once_he_has_said_who_he_is() -> None:
    view, form = said(TouchResolved, anonymous=True), said(TouchResolved, 5)

    assert milestones([view]) == []
    assert [each.what for each in milestones([view, form])] == [Reached.LEAD]


def test_spam_is_no_lead_and_the_last_word_on_a_touch_counts() -> None:
    told = {"touch.is_spam": True, "touch.spam_signs": ["honeypot", "too_fast"]}
    stopped = said(TouchResolved, facts=told)
    cleared = said(TouchResolved, facts={}, corrects=True)

    assert milestones([stopped]) == []
    assert [each.what for each in milestones([stopped, cleared])] == [Reached.LEAD]
    assert [(each.stopped, each.signs) for each in spam([stopped])] == [
        (True, ["honeypot", "too_fast"])
    ]
    assert [each.signs for each in spam([stopped, cleared])] == [[]]
    assert spam([said(TouchResolved, facts={})]) == []
    assert spam([said(TouchResolved, mode=Mode.TEST, facts=told)]) == []


def test_the_line_of_a_touch_says_that_it_is_spam_and_why() -> None:
    facts = {"touch.is_spam": True, "touch.spam_signs": ["honeypot", "too_fast"]}
    stopped = sentence(recorded("a", TouchResolved, 1, facts=facts))
    passed = sentence(recorded("b", TouchResolved, 1, facts={**facts, "touch.is_spam": False}))

    assert stopped.endswith("; spam, so it goes no further: honeypot, too fast")
    assert passed.endswith("; signs of spam: honeypot, too fast")
    assert "spam" not in sentence(recorded("c", TouchResolved, 1, facts={}))


@settings(deadline=None)
@given(st.data())
def test_a_clocks_fate_is_the_same_however_its_two_topics_mix(data: st.DataObject) -> None:
    clocks = [
        said(ClockStarted, clock_id=CLOCK),
        said(ClockCorrected, clock_id=CLOCK, withdraws_breach=True),
        said(ClockMet, clock_id=CLOCK, in_time=True),
    ]
    breach = said(SlaBreached, clock_id=CLOCK)
    mixed = list(clocks)
    mixed.insert(data.draw(st.integers(0, len(clocks))), breach)
    [fate] = promises(mixed)
    assert fate.withdrawn
    assert fate.in_time
    assert fate.breached_at == breach.body.breached_at
