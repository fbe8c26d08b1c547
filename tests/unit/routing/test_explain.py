"""Why, and why not: told from the walk that the decision itself took."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from routing.domain.choice import Choice, Question, choose
from routing.domain.decide import on_qualified, question_of
from routing.domain.explain import explained, why_not
from routing.domain.rotation import Rotation
from routing.domain.rulebook import Rulebook
from tests.unit.routing.words import (
    DEMO_FACTS,
    TUESDAY_TEN,
    demo,
    heard,
    new_case,
    qualified,
    rulebook,
)

NIGHT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return demo()


def walk(
    book: Rulebook, at: datetime = TUESDAY_TEN, facts: Mapping[str, object] | None = None
) -> tuple[Choice, Question]:
    body = qualified(at=at, facts={**DEMO_FACTS, **(facts or {})})
    asked = question_of(new_case(body), heard(body, at), at)
    return choose(asked, book), asked


def test_each_rule_shows_the_facts_it_saw_and_those_it_missed(book: Rulebook) -> None:
    choice, asked = walk(book)
    shown = explained(choice, asked, book)
    rules = {each["id"]: each for each in shown["rules"]}
    assert rules["emea"]["answer"] == "met"
    assert rules["emea"]["facts"] == {"lead.territory": "EMEA"}
    assert rules["americas"]["answer"] == "not met"
    (_, no_contact) = shown["gate"]
    assert (no_contact["then"], no_contact["tell"]) == ("hold", "revops")
    assert shown["sentences"] == [
        "Rule emea: lead.territory EMEA.",
        "Passed over: big-target (not met), americas (not met).",
        "Pool emea: Ana Weber at turn 0, Jonas Lind at turn 0, Mia Schulz at turn 0.",
        "Ana Weber got the lead: it was their turn in pool emea.",
    ]


def test_why_not_tells_the_arithmetic_of_the_turn() -> None:
    book, rotation = rulebook({"ana": 2, "jonas": 1}), Rotation()
    for _ in range(2):
        body = qualified(facts={})
        decided = on_qualified(new_case(body, rotation), heard(body), book, TUESDAY_TEN)
        rotation = decided.state.rotation or rotation
    body = qualified(facts={})
    asked = question_of(new_case(body, rotation), heard(body), TUESDAY_TEN)
    told = why_not("jonas", choose(asked, book), book)
    assert (told["reason"], told["turn"], told["weight"]) == ("later_turn", "1", 1)
    assert "at turn 1, last lead no. 2; Ana at turn 1/2, last no. 1" in told["sentence"]


@pytest.mark.parametrize(
    ("rep", "reason"),
    [("ana", "chosen"), ("jonas", "tie"), ("tom", "not_in_pool")],
)
def test_why_not_knows_every_rep(book: Rulebook, rep: str, reason: str) -> None:
    choice, _ = walk(book)
    assert why_not(rep, choice, book)["reason"] == reason


def test_why_not_of_somebody_who_is_no_rep_is_refused(book: Rulebook) -> None:
    choice, _ = walk(book)
    with pytest.raises(KeyError):
        why_not("nobody", choice, book)


def test_a_stopped_lead_and_a_waiting_one_say_so(book: Rulebook) -> None:
    choice, asked = walk(book, facts={"lead.consent.contact": "denied"})
    assert explained(choice, asked, book)["sentences"][-1] == (
        "The gate's rule no-contact stopped the lead: no_consent."
    )
    assert why_not("ana", choice, book)["reason"] is None
    choice, asked = walk(book, NIGHT, {"lead.grade": "C3"})
    assert explained(choice, asked, book)["held_until"] == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert why_not("ana", choice, book)["reason"] == "outside_hours"
