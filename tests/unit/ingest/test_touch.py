"""A submission becomes a touch: the same one for a retry, another for what is different."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.policies.document import load, validate
from chassis.policies.errors import PolicyRefused
from contracts.event import Mode, value_of
from contracts.events.kinds import ConsentState, IdentityKind, Purpose
from ingest.domain.kinds import google_ads
from ingest.domain.kinds.html_form import THANK_YOU, HtmlForm, thank_you
from ingest.domain.naming import read_named
from ingest.domain.sources import SourcesPolicy
from ingest.domain.touch import Door, Taken, record
from ingest.settings.policy import accept_sources, read_sources

CONFIG = Path(__file__).parents[3] / "config"
NOW = datetime(2026, 11, 2, 9, 19, 7, tzinfo=UTC)
POLICY = SourcesPolicy.model_validate(read_sources(CONFIG))


def door(source: str, now: datetime = NOW, key: str | None = None) -> Door:
    found = POLICY.sources[source]
    return Door(source, found, POLICY.channels, b"s" * 40, now, key)


def google(now: datetime = NOW, **more: Any) -> Taken:  # noqa: ANN401 - a body's fields
    body = {
        "lead_id": "L-1",
        "user_column_data": [
            {"column_id": "EMAIL", "string_value": "maya@brightwell.example"},
            {"column_id": "COMPANY_SIZE", "string_value": "51-200"},
        ],
        **more,
    }
    return record(
        google_ads.submission_of(google_ads.Lead.model_validate(body)), door("google-demo", now)
    )


def form(fields: dict[str, str], now: datetime = NOW, key: str | None = None) -> Taken:
    told = read_named(fields.items(), own=frozenset({THANK_YOU}))
    return record(told, door("website", now, key))


def test_a_retry_however_late_is_the_same_touch_with_the_same_content() -> None:
    first, later = google(), google(now=NOW + timedelta(days=40))

    assert later.touch_id == first.touch_id
    assert later.event.body.content_hash == first.event.body.content_hash
    assert later.event.id == first.event.id


def test_the_same_id_with_other_content_is_told_apart() -> None:
    first, other = google(), google(form_id=7)

    assert other.touch_id == first.touch_id
    assert other.event.body.content_hash != first.event.body.content_hash
    assert other.event.id != first.event.id


def test_a_form_sent_twice_a_day_is_one_touch_and_on_the_next_day_another() -> None:
    fields = {"email": "a@b.example"}
    first = form(fields)

    assert form(fields, now=NOW + timedelta(hours=2)).touch_id == first.touch_id
    assert form(fields, now=NOW + timedelta(days=1)).touch_id != first.touch_id
    assert form({"email": "c@b.example"}).touch_id != first.touch_id


def test_an_idempotency_key_names_the_touch_on_any_day() -> None:
    fields = {"email": "a@b.example"}
    later = NOW + timedelta(days=3)

    assert form(fields, key="k1").touch_id == form(fields, now=later, key="k1").touch_id
    assert form(fields, key="k2").touch_id != form(fields, key="k1").touch_id


def test_each_test_is_a_touch_and_a_person_of_its_own() -> None:
    first, second = google(is_test=True), google(now=NOW + timedelta(seconds=1), is_test=True)

    assert first.touch_id != second.touch_id
    assert first.event.mode is Mode.TEST
    assert (
        len({first.event.body.identity, second.event.body.identity, google().event.body.identity})
        == 3
    )


def test_the_strongest_key_names_the_identity() -> None:
    both = form({"email": "a@b.example", "phone": "+442071838750"}).event.body
    phone = form({"phone": "+44 20 7183 8750"}).event.body
    nobody = form({"name": "Robin"}).event.body

    assert [each.kind for each in both.identity_keys] == [IdentityKind.EMAIL, IdentityKind.PHONE]
    assert both.identity == both.identity_keys[0].key
    assert phone.identity == both.identity_keys[1].key
    assert nobody.identity_keys[0].kind is IdentityKind.SENDER


def test_no_fact_and_no_other_part_of_the_body_says_who_it_is() -> None:
    taken = form(
        {
            "name": "Maya Okafor",
            "email": "maya@brightwell.example",
            "phone": "+442071838750",
            "street_address": "1 High Street",
            "postal_code": "EC1A 1BB",
            "message": "call me",
            "form": "for maya@brightwell.example",
            "utm_campaign": "maya@brightwell.example",
            "job_title": "maya@brightwell.example",
            "gclid": "CLICK",
        }
    )
    body = value_of(taken.event, None).decode()

    for part in ("maya", "Okafor", "2071838750", "High Street", "1BB", "call me", "CLICK"):
        assert part not in body
    assert taken.event.body.facts["lead.postcode_area"] == "EC1"
    assert taken.person.custom == {
        "title": "maya@brightwell.example",
        "form": "for maya@brightwell.example",
    }
    assert taken.person.sender_ids == {"gclid": "CLICK"}


def test_consent_is_what_the_source_says_of_its_form_and_of_its_fields() -> None:
    assert google().event.body.consent[Purpose.CONTACT].state is ConsentState.ASKED
    states = {
        answer: form({"email": "a@b.example"} | answer_fields).event.body.consent
        for answer, answer_fields in {
            "none": {},
            "yes": {"marketing_ok": "yes"},
            "no": {"marketing_ok": "no"},
        }.items()
    }
    feedback = {answer: told[Purpose.ADS_FEEDBACK].state for answer, told in states.items()}
    assert feedback == {
        "none": ConsentState.UNKNOWN,
        "yes": ConsentState.GRANTED,
        "no": ConsentState.DENIED,
    }


def test_a_touch_of_the_future_happened_when_it_came() -> None:
    early = google(lead_submit_time="2026-11-01T10:00:00+01:00")
    future = google(lead_submit_time="2031-01-01T00:00:00Z")

    assert early.event.occurred_at == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert future.event.occurred_at == NOW


def test_work_mail_goes_before_private_mail_and_both_are_kept() -> None:
    columns = [
        {"column_id": "EMAIL", "string_value": "maya@gmail.com"},
        {"column_id": "WORK_EMAIL", "string_value": "maya@brightwell.example"},
    ]
    taken = google(user_column_data=columns)

    assert taken.person.email == "maya@brightwell.example"
    assert taken.person.custom == {"email": "maya@gmail.com"}
    assert taken.event.body.facts["lead.email_is_free"] is False
    assert len(taken.event.body.identity_keys) == 2


def test_what_cannot_be_read_is_kept_with_the_person() -> None:
    columns = [
        {"column_id": "EMAIL", "string_value": "not an address"},
        {"column_id": "COUNTRY", "string_value": "Narnia"},
        {"column_id": "COMPANY_SIZE", "string_value": "plenty"},
    ]
    taken = google(user_column_data=columns)

    assert taken.person.custom == {
        "email": "not an address",
        "country": "Narnia",
        "COMPANY_SIZE": "plenty",
    }
    assert taken.event.body.facts["lead.has_email"] is False
    assert "lead.country" not in taken.event.body.facts


@pytest.mark.parametrize(
    ("tags", "channel"),
    [
        ({"utm_medium": "cpc", "utm_source": "google"}, "paid-search"),
        ({"utm_medium": "cpc"}, "direct"),
        ({"utm_medium": "email"}, "email"),
        ({}, "direct"),
    ],
)
def test_the_channel_follows_from_the_tags(tags: dict[str, str], channel: str) -> None:
    assert form({"email": "a@b.example"} | tags).event.body.channel == channel


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["name", "email", "country", "page", "form", "utm_source", "x", "gclid"]),
        st.text(max_size=400),
    )
)
def test_whatever_a_form_holds_it_becomes_a_touch_that_can_be_sent(fields: dict[str, str]) -> None:
    taken = form(fields)

    assert value_of(taken.event, taken.person)
    assert form(fields).event == taken.event


def test_a_visitor_is_sent_to_a_listed_page_only() -> None:
    source = POLICY.sources["website"]
    assert isinstance(source, HtmlForm)
    thanks = "https://www.kestrel.example/thanks"
    walk = "http://localhost:8005/walk"
    for named in ("https://evil.example", "//evil.example", "/thanks", thanks + "\r\nX: y"):
        assert thank_you(source, [("thank_you", named)], local=False) == thanks
    assert thank_you(source, [("thank_you", walk)], local=False) == walk
    assert thank_you(source, [], local=True) == walk


def test_the_published_policy_reads_back_and_holds_references_only() -> None:
    content = read_sources(CONFIG)

    assert accept_sources(content) == content
    assert content["sources"]["google-demo"]["secrets"] == ["demo:demo-google-key"]


SOURCE = (
    "{kind: html_form, channel: web, origins: [https://a.example], thank_you: [https://a.example/t]"
)
WRONG = [
    (f"sources: {{web: {SOURCE}, spum: {{}}}}}}", "unknown key 'spum'"),
    (f"sources: {{web: {SOURCE}, spam: {{fastest: soon}}}}}}", "expected a duration"),
    (f"sources: {{web: {SOURCE}, spam: {{verdict: drop}}}}}}", "store and do not route"),
    (f"sources: {{web: {SOURCE}, country: Germany}}}}", "[A-Z]"),
    ("sources: {}\ncampaigns: ../x.csv", "expected a CSV file"),
    (f"sources: {{web: {SOURCE}, consent: {{contact: perhaps}}}}}}", "expected one of asked"),
    (f"sources: {{web: {SOURCE}, fields: {{lead.titel: t}}}}}}", "did you mean lead.title"),
    ("sources: {ads: {kind: google_ads, channel: web, secrets: [plain]}}", "never stands here"),
    (f"sources: {{web: {SOURCE.replace('https://a.example/t', 'javascript:x')}}}}}", "expected an"),
    (f"sources: {{web: {SOURCE.replace('web,', 'by utm,')}}}}}", "needs rules"),
    ("sources: {}\nchannels: [{channel: a}, {channel: b}]", "no rule below"),
    ("sources: {}\nchannels: [{channel: a, when: lead.is_test}]", "lead.is_test"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_policy_that_cannot_work_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(PolicyRefused) as refused:
        validate(load(f"policy: sources\n{text}\n", "sources.yaml"), SourcesPolicy)

    (error,) = refused.value.errors
    assert said in error.message
    assert error.line >= 2
    assert "plain" not in str(error)
