"""The score of a lead and what is said of it, by pure decisions."""

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.lanes.history import state_text
from contracts.decision import Decision
from contracts.event import Event, Mode
from contracts.events.activity import LeadRecycled, OpportunityOpened
from contracts.events.kinds import ActorKind, ConsentState, Purpose, Stage, TouchKind
from contracts.events.mql import LeadQualified, LeadReturned
from contracts.events.parts import Actor, Score
from contracts.events.resolved import FactsResolved, TouchResolved
from contracts.events.scored import LeadScored
from contracts.facts import Facts
from contracts.ids import from_words
from contracts.reasons import RecycleReason
from scoring.domain.counting import count
from scoring.domain.decide import on_activity, on_facts, on_touch
from scoring.domain.policy import InForce, ScoringContent
from scoring.domain.staging import stage_of
from scoring.domain.state import MOST_TOUCHES, LeadState
from tests.unit.scoring.made import DEMO, LEAD, NOW, POLICY, after, said, touch

FREE = {"lead.email_is_free": True}


SPAM = {**DEMO, "touch.is_spam": True, "touch.spam_signs": ["honeypot"]}


def test_spam_gives_no_points_and_says_nothing_and_a_clean_touch_goes_on_as_usual() -> None:
    spam = on_touch(LeadState(), touch("spam", facts=SPAM), POLICY, NOW)
    clean = on_touch(spam.state, touch("clean", minutes=1), POLICY, NOW)

    assert (spam.state, spam.says) == (LeadState(), ())
    assert clean == on_touch(LeadState(), touch("clean", minutes=1), POLICY, NOW)


def test_spam_neither_asks_again_nor_overwrites_what_a_person_told() -> None:
    known = after([touch("clean")])
    told = {**SPAM, "lead.title": "Student", "company.employees": 1}
    spam = touch("spam", minutes=5, facts=told, consent={Purpose.CONTACT: ConsentState.DENIED})

    assert on_touch(known, spam, POLICY, NOW).state == known
    assert on_touch(known, spam, POLICY, NOW).says == ()


def test_a_touch_that_turns_out_to_be_spam_is_taken_out_and_the_score_falls() -> None:
    known = after([touch("one"), touch("two", minutes=3, facts={})])
    decided = on_touch(known, touch("one", facts=SPAM, corrects=True), POLICY, NOW)
    (scored,) = said(decided)

    assert decided.state == after([touch("two", minutes=3, facts={})]).model_copy(
        update={"cycle": known.cycle, "qualified_at": known.qualified_at}
    )
    assert scored.score.points < after_points(known)


def after_points(state: LeadState) -> Decimal:
    return count(state, POLICY.content).score.points


def score_of(state: LeadState) -> Score:
    return count(state, POLICY.content).score


def test_the_demo_lead_reaches_65_points_and_grade_a2() -> None:
    scored, qualified = said(on_touch(LeadState(), touch(), POLICY, NOW))

    assert isinstance(scored, LeadScored)
    assert isinstance(qualified, LeadQualified)
    assert (int(scored.score.points), scored.score.grade) == (65, "A2")
    assert scored.stage is Stage.MQL
    assert qualified.score == scored.score
    assert scored.facts["lead.territory"] == "EMEA"
    assert (scored.facts["lead.score"], scored.facts["lead.fit"]) == (65, 40)
    assert qualified.policies == {"scoring": "h1"}


def test_a_lead_below_the_line_is_scored_and_no_mql() -> None:
    decision = on_touch(LeadState(), touch(facts=FREE), POLICY, NOW)

    (scored,) = said(decision)
    assert (scored.qualified, scored.stage, scored.score.points) == (False, Stage.LEAD, 25)
    assert (decision.state.cycle, stage_of(decision.state)) == (0, Stage.LEAD)


def test_a_cap_cuts_a_group_and_the_contributions_still_add_up() -> None:
    state = after(touch(f"t{n}", minutes=n) for n in range(5))
    score = score_of(state)

    engagement = next(each for each in score.groups if each.group == "engagement")
    assert (int(engagement.points), int(engagement.cut)) == (60, 65)
    assert score.points == Decimal(100)


def test_facts_that_come_apart_may_bring_a_lead_over_the_line() -> None:
    state = on_touch(LeadState(), touch(facts=FREE), POLICY, NOW).state
    body = FactsResolved(
        lead_id=LEAD,
        record_id=from_words("record"),
        source="crm",
        facts=Facts(DEMO),
        received_at=NOW,
        resolved_at=NOW,
    )
    event = Event(from_words("e"), body, NOW.replace(hour=10), NOW, Mode.LIVE, None, 0)

    _, qualified = said(on_facts(state, event, POLICY, NOW))
    assert qualified.touch_id == touch().body.touch_id


def test_who_asks_again_returns_and_who_only_looks_does_not() -> None:
    state = on_touch(LeadState(), touch(), POLICY, NOW).state
    again = on_touch(state, touch("two", minutes=5), POLICY, NOW)
    looks = on_touch(state, touch("page", minutes=6, kind=TouchKind.PAGE, asks=False), POLICY, NOW)

    assert [type(each) for each in said(again)] == [LeadScored, LeadReturned]
    assert [type(each) for each in said(looks)] == [LeadScored]
    assert again.state.cycle == 1


def test_who_denies_profiling_has_no_score_and_still_may_ask_for_sales() -> None:
    denied = {Purpose.PROFILING: ConsentState.DENIED}
    (scored,) = said(on_touch(LeadState(), touch(consent=denied), POLICY, NOW))
    assert (scored.score.points, scored.score.grade, scored.qualified) == (0, None, False)
    assert "lead.grade" not in scored.facts

    form = {**DEMO, "touch.form": "demo"}
    _, qualified = said(on_touch(LeadState(), touch(consent=denied, facts=form), POLICY, NOW))
    assert [(each.code, each.rule) for each in qualified.reasons] == [
        ("outright", "asked-for-sales")
    ]


def activity(kind: type, stage: Stage, version: int, cycle: int = 1, **more: object) -> Event:  # type: ignore[type-arg] # any activity
    body = kind(
        activity_id=from_words("activity", str(version)),
        lead_id=LEAD,
        cycle=cycle,
        stage=stage,
        by=Actor(kind=ActorKind.REP, id="ana"),
        **more,
    )
    return Event(from_words("a", str(version)), body, NOW, NOW, Mode.LIVE, None, version)


RECYCLED = activity(LeadRecycled, Stage.RECYCLED, 2, reason=next(iter(RecycleReason)))
OPENED = activity(OpportunityOpened, Stage.OPPORTUNITY, 1, opportunity_id="o1")


def test_a_recycled_lead_qualifies_again_by_a_new_touch_only() -> None:
    state = on_touch(LeadState(), touch(), POLICY, NOW).state
    state = on_activity(state, RECYCLED, POLICY, NOW).state
    assert stage_of(state) is Stage.RECYCLED
    old = on_touch(state, touch("old", minutes=-60), POLICY, NOW)
    new = on_touch(state, touch("new", minutes=60), POLICY, NOW)

    assert [type(each) for each in said(old)] == [LeadScored]
    assert [type(each) for each in said(new)] == [LeadScored, LeadQualified]
    assert (new.state.cycle, stage_of(new.state)) == (2, Stage.MQL)


def test_words_of_an_earlier_cycle_move_nothing() -> None:
    state = on_touch(LeadState(), touch(), POLICY, NOW).state
    late = activity(OpportunityOpened, Stage.OPPORTUNITY, 9, cycle=0, opportunity_id="o1")

    assert on_activity(state, late, POLICY, NOW).state == state


def test_what_routing_says_ends_alike_in_any_order() -> None:
    began = on_touch(LeadState(), touch(), POLICY, NOW).state
    ends = set()
    for order in permutations([RECYCLED, OPENED]):
        state = began
        for event in order:
            state = on_activity(state, event, POLICY, NOW).state
        ends.add((stage_of(state), state.word))
    assert ends == {(Stage.RECYCLED, on_activity(began, RECYCLED, POLICY, NOW).state.word)}


def test_a_corrected_touch_replaces_what_it_told() -> None:
    told = touch(facts={**DEMO, "lead.title": "Head of Operations"})
    state = after([told])
    fewer = {name: value for name, value in DEMO.items() if name != "lead.title"}
    decision = on_touch(state, touch(facts=fewer, corrects=True), POLICY, NOW)

    assert [type(each) for each in said(decision)] == [LeadScored]
    assert score_of(decision.state).points == 55
    assert len(decision.state.touches) == 1


TITLES = st.sampled_from(["Head of Operations", "Student", "VP Sales"])
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "lead.title": TITLES,
        "lead.country": st.sampled_from(["GB", "US", "FR"]),
        "company.employees": st.integers(1, 2_000),
        "lead.email_is_free": st.booleans(),
        "lead.email_is_role": st.booleans(),
    },
)
TOUCHES = st.lists(
    st.builds(
        lambda facts, minutes, kind, asks, contact: (facts, minutes, kind, asks, contact),
        FACTS,
        st.integers(-3, 3),
        st.sampled_from(list(TouchKind)),
        st.booleans(),
        st.sampled_from([ConsentState.ASKED, ConsentState.DENIED, ConsentState.UNKNOWN]),
    ),
    min_size=1,
    max_size=6,
).map(
    lambda told: [
        touch(
            f"t{number}",
            minutes=minutes,
            facts=facts,
            kind=kind,
            asks=asks,
            consent={Purpose.CONTACT: contact},
        )
        for number, (facts, minutes, kind, asks, contact) in enumerate(told)
    ]
)


@settings(max_examples=25, deadline=None)
@given(TOUCHES, st.randoms(use_true_random=False))
def test_any_order_of_arrival_ends_in_the_same_fold_and_score(
    events: list[Event[TouchResolved]],
    shuffle: "st.Random",  # type: ignore[name-defined] # hypothesis' own
) -> None:
    other = list(events)
    shuffle.shuffle(other)
    one, two = after(events), after(other)

    for part in ("touches", "tellings", "consents", "first"):
        assert getattr(one, part) == getattr(two, part)
    assert score_of(one) == score_of(two)


def only_gains() -> InForce:
    content = POLICY.content.model_dump(mode="json")
    content["rules"] = [each for each in content["rules"] if each["points"] > 0]
    gains = [each for each in content["rules"] if each["id"] in {"ad-form", "decides"}]
    content["rules"] = [{**each, "when": each["when"]} for each in gains]
    content["line"] = {"qualify": 25}
    return InForce(content=ScoringContent.model_validate(content), hashes={"scoring": "h2"})


GAINS = only_gains()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_where_points_only_grow_the_whole_state_ends_alike(
    minutes: list[int],
    shuffle: "st.Random",  # type: ignore[name-defined] # hypothesis' own
) -> None:
    events = [touch(f"t{number}", minutes=each) for number, each in enumerate(minutes)]
    other = list(events)
    shuffle.shuffle(other)

    assert after(events, GAINS) == after(other, GAINS)


@settings(max_examples=25, deadline=None)
@given(TOUCHES)
def test_the_same_facts_give_the_same_bytes_and_a_state_survives_its_row(
    events: list[Event[TouchResolved]],
) -> None:
    state = LeadState()
    for event in events:
        read = LeadState.model_validate_json(state.model_dump_json())
        one = on_touch(state, event, POLICY, NOW)
        two = on_touch(read, event, POLICY, NOW)
        assert state_text(one.state) == state_text(two.state)
        assert [e.model_dump_json() for e in said(one)] == [e.model_dump_json() for e in said(two)]
        state = one.state


def test_of_very_many_touches_the_latest_are_counted_and_the_first_is_known() -> None:
    events = [touch(f"t{n}", minutes=n, asks=False) for n in range(MOST_TOUCHES + 5)]
    state = after(events)

    assert len(state.touches) == MOST_TOUCHES
    assert state.first is not None
    assert state.first.touch_id == events[0].body.touch_id


def test_a_decision_changes_nothing_that_it_was_given() -> None:
    state = after([touch()])
    text = state_text(state)
    decision: Decision[LeadState] = on_touch(state, touch("two", minutes=1), POLICY, NOW)

    assert state_text(state) == text
    assert state_text(decision.state) != text


@pytest.mark.parametrize("kind", list(TouchKind))
def test_every_kind_of_touch_can_be_scored(kind: TouchKind) -> None:
    assert said(on_touch(LeadState(), touch(kind=kind), POLICY, NOW))
