"""Rows of spend, consents and facts: what is recorded of them, and what is refused where."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from contracts.event import Event, Mode
from contracts.events.kinds import ConsentState, IdentityKind, Purpose, TouchKind
from contracts.events.spend import SpendReported
from contracts.events.touches import ConsentRecorded, FactsRecorded
from contracts.identity import identity_key, touch_of_sender
from ingest.domain.consents import ConsentRow, consent_events
from ingest.domain.csv_text import NotCsv, read_csv
from ingest.domain.kinds.google_ads import GoogleAds
from ingest.domain.knowledge import TELLABLE, FactsRow, facts_events
from ingest.domain.spending import SpendRow, spend_events, told_twice
from ingest.domain.submission import Submission
from ingest.domain.told import Teller, Told
from ingest.domain.touch import Door, record

NOW = datetime(2026, 11, 2, 9, 19, 7, tzinfo=UTC)
SECRET = b"s" * 40
CRM = Teller("crm", SECRET, NOW)
MAYA = "maya@brightwell.example"


def later(seconds: int, key: str | None = None) -> Teller:
    return Teller("crm", SECRET, NOW + timedelta(seconds=seconds), key)


def facts_row(**told: object) -> FactsRow:
    row: dict[str, object] = {"email": MAYA, "facts": {"company.employees": 180}, **told}
    return FactsRow.model_validate(
        {name: value for name, value in row.items() if value is not None}, context={"now": NOW}
    )


def consent_row(**told: object) -> ConsentRow:
    row = {"email": MAYA, "purpose": "contact", "state": "withdrawn"}
    return ConsentRow.model_validate({**row, **told}, context={"now": NOW})


def spend_row(**told: object) -> SpendRow:
    row = {"source": "google-demo", "day": "2026-11-01", "campaign_id": "20817"}
    row |= {"cost": "184.37", "currency": "EUR"}
    return SpendRow.model_validate({**row, **told}, context={"now": NOW})


def facts_of(told: Told) -> tuple[FactsRecorded, Event[Any]]:
    assert isinstance(told.event.body, FactsRecorded)
    return told.event.body, told.event


def refusal(make: Callable[..., object], **told: object) -> str:
    with pytest.raises(ValidationError) as refused:
        make(**told)
    return str(refused.value.errors()[0]["msg"])


def test_facts_are_told_by_the_same_keys_as_touches_and_were_so_since_as_of() -> None:
    as_of = NOW - timedelta(days=3)
    (told,) = facts_events([facts_row(phone="+44 20 7183 8750", as_of=as_of)], CRM)
    body, event = facts_of(told)
    assert body.identity_keys == (
        identity_key(SECRET, IdentityKind.EMAIL, MAYA),
        identity_key(SECRET, IdentityKind.PHONE, "+442071838750"),
    )
    assert body.identity == body.identity_keys[0].key
    assert (event.occurred_at, body.received_at, event.mode) == (as_of, NOW, Mode.LIVE)
    assert told.person is not None
    assert (told.person.email, told.person.phone) == (MAYA, "+442071838750")
    assert MAYA not in body.model_dump_json()


def test_a_sender_s_id_leads_to_the_touch_that_ingest_makes_of_it() -> None:
    source = GoogleAds(kind="google_ads", channel="paid-search", secrets=("demo:x",))
    door = Door("google-demo", source, (), SECRET, NOW)
    told = Submission(kind=TouchKind.AD_LEAD, slots={}, sender_id="lead-1")
    touch = record(told, door).touch_id
    row = facts_row(email=None, sender_source="google-demo", sender_id="lead-1")
    body, _ = facts_of(facts_events([row], CRM)[0])
    assert touch == touch_of_sender("google-demo", "lead-1") == body.of
    assert body.identity_keys == ()


def test_facts_of_a_company_are_keyed_by_its_registrable_domain() -> None:
    by_account = facts_row(email=None, account="https://Shop.Brightwell.example/x")
    facts = {"company.domain": "brightwell.example", "company.employees": "51-200"}
    by_fact = facts_row(email=None, facts=facts)
    bodies = [facts_of(told)[0] for told in facts_events([by_account, by_fact], CRM)]
    assert [body.account for body in bodies] == ["brightwell.example"] * 2
    assert bodies[0].identity == bodies[1].identity
    assert bodies[1].facts["company.employees"] == 51
    assert "domain of a company" in refusal(facts_row, email=None, account="gmail.com")


def test_an_unknown_fact_is_refused_with_the_nearest_name() -> None:
    told = refusal(facts_row, facts={"company.employes": 3})
    assert told == "no fact that may be told; did you mean company.employees?"
    assert "lead.title" in refusal(facts_row, facts={"x": 3})
    assert "may be told" in refusal(facts_row, facts={"lead.score": 100})
    assert "lead.score" not in TELLABLE
    assert "51" not in refusal(facts_row, facts={"company.employees": [51]})


def test_what_names_nobody_or_two_is_refused() -> None:
    assert "say of whom it is" in refusal(facts_row, email=None)
    assert "say of whom it is" in refusal(facts_row, account="brightwell.example")
    assert "goes with the id of its source" in refusal(facts_row, sender_id="7")
    assert "not both" in refusal(facts_row, lead_id=str(uuid4()), touch_id=str(uuid4()))


def test_an_instant_to_come_is_refused_and_a_fast_clock_is_not() -> None:
    assert "to come" in refusal(facts_row, as_of=NOW + timedelta(minutes=6))
    (told,) = facts_events([facts_row(as_of=NOW + timedelta(minutes=4))], CRM)
    assert told.event.occurred_at == NOW


def test_a_repeat_is_the_same_record_and_a_new_telling_another() -> None:
    dated, undated = facts_row(as_of=NOW), facts_row()

    def ids(row: FactsRow, *tellers: Teller) -> int:
        return len({facts_events([row], each)[0].event.id for each in tellers})

    assert ids(dated, CRM, later(60)) == 1
    assert ids(undated, CRM, later(60)) == 2
    assert ids(undated, later(1, "k"), later(60, "k")) == 1
    assert ids(undated, later(1, "k"), later(60, "l")) == 2


def test_a_consent_says_purpose_state_wording_source_and_since_when() -> None:
    row = consent_row(wording="website-2026-09", source="preference-centre", at=NOW)
    (told,) = consent_events([row], CRM)
    body = told.event.body
    assert isinstance(body, ConsentRecorded)
    consent = body.consent[Purpose.CONTACT]
    assert (consent.state, consent.wording) == (ConsentState.WITHDRAWN, "website-2026-09")
    assert (consent.source, consent.at, body.source) == (
        "preference-centre",
        NOW,
        "preference-centre",
    )
    assert "leave the row out" in refusal(consent_row, state="unknown")


def test_spend_is_gathered_into_a_report_by_source_and_day() -> None:
    rows = [
        spend_row(),
        spend_row(day="2026-10-31", cost=12),
        spend_row(campaign_id="7", campaign_name="Autumn", impressions=5210, clicks=96),
    ]
    first, second = [each.event.body for each in spend_events(rows, CRM)]
    assert isinstance(first, SpendReported)
    assert isinstance(second, SpendReported)
    assert [(str(each.cost.amount), each.campaign_name) for each in first.spends] == [
        ("184.37", None),
        ("184.37", "Autumn"),
    ]
    assert first.key() == "google-demo 2026-11-01"
    assert len(second.spends) == 1
    assert told_twice(rows) is None
    assert told_twice([*rows, spend_row(cost=1)]) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"cost": "12,50"},
        {"cost": -1},
        {"cost": "1.00001"},
        {"cost": "NaN"},
        {"cost": True},
        {"currency": "eur"},
        {"day": "2026-11-09"},
        {"day": "1999-12-31"},
        {"clicks": -1},
        {"campaign_name": "ask maya@brightwell.example"},
        {"colour": "red"},
    ],
)
def test_a_row_of_spend_that_is_wrong_is_refused(wrong: dict[str, Any]) -> None:
    assert refusal(spend_row, **wrong)


def known(name: str) -> str | None:
    return None if name in {"email", "cost"} else "is no column here"


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_csv_is_read_by_its_columns_whatever_parts_them(between: str) -> None:
    text = f"\ufeffEmail{between}cost\r\n\r\na@b.example{between}\r\n" + f'"x\ny"{between}3\r\n'
    lines = read_csv(text.encode(), known, 10)
    assert [(line.number, dict(line.cells)) for line in lines] == [
        (3, {"email": "a@b.example"}),
        (4, {"email": "x\ny", "cost": "3"}),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"", "line 1"),
        (b"email,colour\n", "line 1, column 2"),
        (b"email,email\n", "line 1, column 2"),
        (b"email\na\nb\nc\n", "line 4"),
        (b"email\na,b\n", "line 2"),
        (b'email\n"a\n', "line 2"),
        (b"email\n\xff\n", "line 2"),
        (b"email\n" + b"a" * 10_001, "line 2, column email"),
        (b"email\n" + b"a" * 200_000, "line 2"),
    ],
)
def test_csv_that_is_wrong_is_refused_with_its_line(text: bytes, place: str) -> None:
    with pytest.raises(NotCsv) as refused:
        read_csv(text, known, 2)
    assert refused.value.place == place
