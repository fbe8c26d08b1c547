"""Facts hold what decisions may see, and nothing that says who a person is."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from contracts.events.kinds import (
    ConsentState,
    ContactChannel,
    ContactOutcome,
    Stage,
    TouchKind,
)
from contracts.facts import FACTS, Facts, FactsError, Kind, clean_text, markdown

ADAPTER = TypeAdapter(Facts)

_texts = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="@"), min_size=1)
_values = {
    Kind.TEXT: _texts.map(lambda text: text[:300]),
    Kind.WHOLE: st.integers(-(2**63) + 1, 2**63 - 1),
    Kind.NUMBER: st.floats(allow_nan=False, allow_infinity=False),
    Kind.TRUTH: st.booleans(),
    Kind.TEXTS: st.lists(_texts, max_size=5),
    Kind.INSTANT: st.datetimes(timezones=st.just(UTC)),
}
_pairs = st.sampled_from([f for f in FACTS.values() if not f.derived]).flatmap(
    lambda fact: st.tuples(
        st.just(fact.name), st.sampled_from(fact.values) if fact.values else _values[fact.kind]
    )
)
some_facts = st.lists(_pairs, max_size=12).map(dict)


@given(some_facts)
def test_facts_come_back_from_json_as_they_were(values: dict[str, object]) -> None:
    facts = Facts(values)
    assert ADAPTER.validate_json(ADAPTER.dump_json(facts)) == facts
    assert list(facts) == sorted(values)


def test_an_unknown_fact_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(FactsError, match=r"did you mean company\.employees\?"):
        Facts({"company.employes": 3})


@pytest.mark.parametrize("name", ["lead.email", "lead.name", "lead.phone", "lead.message"])
def test_no_fact_says_who_a_person_is(name: str) -> None:
    with pytest.raises(FactsError, match="is no fact"):
        Facts({name: "x"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("company.employees", "51"),
        ("company.employees", True),
        ("company.employees", 2**70),
        ("lead.title", ""),
        ("lead.title", "x" * 301),
        ("lead.title", "write to maya@brightwell.example"),
        ("lead.title", "a\x00b"),
        ("lead.title", "\ud800"),
        ("lead.stage", "MAYBE"),
        ("lead.is_test", 1),
        ("lead.first_seen_at", "2026-11-02T09:30:00"),
        ("lead.first_seen_at", "soon"),
        ("lead.known", ["lead.title"]),
        ("custom.plan", {"a": 1}),
        ("custom.plan", float("nan")),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_without_being_repeated(
    name: str, value: object
) -> None:
    with pytest.raises(FactsError, match=name) as caught:
        Facts({name: value})
    assert "maya" not in str(caught.value)


def test_pydantic_names_the_fact_and_not_the_value() -> None:
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python({"company.employees": "maya@brightwell.example"})
    assert caught.value.errors()[0]["msg"] == (
        "company.employees must be a whole number of at most 64 bits"
    )


def test_custom_facts_are_free() -> None:
    assert Facts({"custom.seats": 5, "custom.tags": ["a"]})["custom.tags"] == ("a",)


def test_facts_are_a_field_that_can_be_hashed_and_changed_by_copy() -> None:
    class Event(BaseModel, frozen=True):
        facts: Facts = Facts()

    event = Event.model_validate({"facts": {"lead.country": "GB", "company.employees": 51}})
    changed = event.facts.changed({"lead.country": None, "lead.score": 65})
    assert hash(event) == hash(event.model_copy())
    assert dict(changed) == {"company.employees": 51, "lead.score": 65}
    assert changed.whole("lead.score") == 65
    assert dict(changed.only("lead.")) == {"lead.score": 65}


def test_an_instant_is_kept_in_utc() -> None:
    facts = Facts({"lead.first_seen_at": "2026-11-02T10:30:00+01:00"})
    assert facts["lead.first_seen_at"] == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    assert facts.as_json() == {"lead.first_seen_at": "2026-11-02T09:30:00Z"}


@given(st.text())
def test_a_cleaned_text_may_always_stand_in_a_fact(raw: str) -> None:
    text = clean_text(raw)
    assert text is None or Facts({"lead.title": text}).text("lead.title") == text


def test_a_text_with_an_address_in_it_is_not_kept() -> None:
    assert clean_text("Head of IT, bob@firm.example") is None
    assert clean_text("  Head\tof \n IT ") == "Head of IT"


def test_the_page_lists_each_fact() -> None:
    page = markdown()
    assert all(f"| `{name}` |" in page for name in FACTS)


def test_the_stored_page_is_current() -> None:
    assert (Path(__file__).parents[4] / "docs/facts.md").read_text() == markdown()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lead.stage", Stage),
        ("lead.consent.contact", ConsentState),
        ("touch.kind", TouchKind),
        ("activity.channel", ContactChannel),
        ("activity.outcome", ContactOutcome),
    ],
)
def test_closed_lists_are_those_of_the_events(name: str, words: type[StrEnum]) -> None:
    assert set(FACTS[name].values) == set(words)
