"""A visitor is nobody's lead until he says who he is; then all that he did before counts."""

import itertools

from contracts.event import Event
from contracts.events.kinds import TouchKind
from contracts.events.mql import LeadQualified
from contracts.events.resolved import TouchResolved
from contracts.events.scored import LeadScored
from contracts.facts import Facts
from scoring.domain.decide import on_touch
from scoring.domain.state import LeadState
from tests.unit.scoring.made import DEMO, NOW, POLICY, after, said, touch

PRICING = {"touch.path": "/pricing"}


def view(number: int) -> Event[TouchResolved]:
    return touch(
        f"view-{number}",
        minutes=number,
        facts=PRICING,
        kind=TouchKind.PAGE,
        asks=False,
        anonymous=True,
    )


def test_a_visitor_who_reads_a_lot_is_scored_and_never_an_mql() -> None:
    state = LeadState()
    for number in range(20):
        decision = on_touch(state, view(number), POLICY, NOW)
        state = decision.state
        (scored,) = said(decision)
        assert isinstance(scored, LeadScored)
        assert not any(isinstance(each, LeadQualified) for each in said(decision))
    assert scored.score.points >= POLICY.content.line.qualify
    assert state.is_anonymous


def test_once_he_says_who_he_is_what_he_read_before_counts() -> None:
    state = after([view(number) for number in range(4)])
    form = touch("form", minutes=9, facts=DEMO, kind=TouchKind.FORM)
    scored, qualified = said(on_touch(state, form, POLICY, NOW))

    assert isinstance(qualified, LeadQualified)
    assert {each.rule for each in scored.score.contributions} >= {"pricing-page", "decides"}
    assert qualified.first.touch_id == state.touches[0].touch_id
    assert qualified.touch_id == form.body.touch_id


def test_whether_he_is_known_depends_on_no_order() -> None:
    form = touch("form", minutes=1, facts=DEMO, kind=TouchKind.FORM)
    told = [view(0), form, view(2)]
    states = [after(order) for order in itertools.permutations(told)]

    assert not any(each.is_anonymous for each in states)
    assert all(each.touches == states[0].touches for each in states)


def test_a_lead_of_an_earlier_release_is_written_as_it_was() -> None:
    assert "is_anonymous" not in LeadState().model_dump_json()
    assert "anonymous" not in touch(facts=Facts()).body.model_dump_json()
