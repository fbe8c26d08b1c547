"""What baton.js tells, read: page views, forms, events and consents, whatever else stands there."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events.kinds import ConsentState, IdentityKind, Purpose, TouchKind
from ingest.domain.browser_clock import reckoned
from ingest.domain.kinds import website
from ingest.domain.kinds.kind import Heard
from ingest.domain.kinds.website import Website
from ingest.domain.sent import Malformed, Sent, TooMuch
from ingest.domain.touch import Door, Taken, record

NOW = datetime(2026, 11, 2, 9, 19, 7, tzinfo=UTC)
AT = 1_790_000_000_000
SOURCE = Website.model_validate(
    {
        "kind": "website",
        "origins": ["https://www.kestrel.example"],
        "channel": "web",
        "consent": {"contact": "asked", "profiling": "granted"},
    }
)
DOOR = Door("pages", SOURCE, (), b"s" * 32, NOW)
PAGE = {"type": "page", "id": "p-1", "page": "https://www.kestrel.example/a", "anonymous_id": "b"}
FORM = {
    "type": "form",
    "id": "f-1",
    "anonymous_id": "b",
    "form": "demo",
    "fields": [["email", "maya@brightwell.example"], ["topics", "a"], ["topics", "b"]],
}


def heard(*events: object, sent_at: object = AT) -> Heard:
    body = json.dumps({"sent_at": sent_at, "events": events}).encode()
    return website.KIND.parse(Sent((), {}, body, NOW), SOURCE)


def taken(event: dict[str, Any], **more: Any) -> Taken:  # noqa: ANN401 - JSON's values
    (told,) = heard(event, **more).submissions
    return record(told, DOOR)


def test_a_view_asks_for_nothing_and_says_nothing_of_addresses() -> None:
    body = taken({**PAGE, "from": {"utm_source": "google", "gclid": "AbC", "referrer": "x"}})
    facts = body.event.body.facts

    assert (body.event.body.kind, body.event.body.is_request) == (TouchKind.PAGE, False)
    assert body.event.body.consent == {}
    assert facts.get("lead.has_email") is None
    assert facts.text("touch.utm_source") == "google"
    assert body.person.sender_ids == {"gclid": "AbC"}
    assert [key.kind for key in body.event.body.identity_keys] == [IdentityKind.ANONYMOUS]


def test_a_form_is_a_request_with_its_fields_and_how_the_visitor_came() -> None:
    last = {"utm_source": "news", "referrer": "https://Mail.example/x"}
    told = taken({**FORM, "last": last, "first": {"utm_source": "google", "at": "2026-10-01"}})

    assert (told.event.body.form, told.event.body.is_request) == ("demo", True)
    assert told.event.body.utm.source == "news"
    assert told.event.body.facts.text("touch.referrer") == "mail.example"
    assert told.person.custom == {
        "topics": "a, b",
        "first_utm_source": "google",
        "first_at": "2026-10-01",
    }


def test_what_the_visitor_said_of_consent_goes_before_the_source_but_asking_for_a_call_stays() -> (
    None
):
    said = {"contact": "denied", "profiling": "denied", "ads_feedback": "granted", "else": "x"}
    consent = taken({**FORM, "consent": said}).event.body.consent

    assert {purpose: each.state for purpose, each in consent.items()} == {
        Purpose.CONTACT: ConsentState.ASKED,
        Purpose.PROFILING: ConsentState.DENIED,
        Purpose.ADS_FEEDBACK: ConsentState.GRANTED,
    }


def test_a_resend_is_the_same_touch_however_much_later() -> None:
    first = taken({**FORM, "at": AT - 5_000})
    again = taken({**FORM, "at": AT - 5_000}, sent_at=AT + 3_600_000)

    assert first.event.id == again.event.id
    assert first.event.occurred_at == NOW - timedelta(seconds=5)


@given(st.datetimes(timezones=st.just(UTC)), st.timedeltas(timedelta(0), timedelta(days=30)))
def test_whatever_a_clock_says_only_the_time_between_counts(
    theirs: datetime, ago: timedelta
) -> None:
    try:
        happened = theirs - ago
    except OverflowError:
        return
    assert reckoned(NOW, theirs, happened) == NOW - ago


def test_a_time_after_its_sending_or_long_ago_is_not_believed() -> None:
    assert reckoned(NOW, NOW, NOW + timedelta(seconds=1)) is None
    assert reckoned(NOW, NOW, NOW - timedelta(days=31)) is None
    assert reckoned(NOW, None, NOW) is None


@pytest.mark.parametrize(
    "event",
    [
        1,
        {},
        {**PAGE, "id": None},
        {**PAGE, "id": "x" * 101},
        {**PAGE, "anonymous_id": None},
        {**PAGE, "page": None},
        {**PAGE, "type": "else"},
        {**FORM, "fields": []},
        {**FORM, "fields": [["a"], "b", [1, "c"]]},
        {**PAGE, "type": "event"},
        {**PAGE, "type": "consent", "consent": {"profiling": "perhaps"}},
    ],
)
def test_what_cannot_be_read_is_passed_over_and_holds_up_nothing(event: object) -> None:
    told = heard(event, PAGE)

    assert [each.sender_id for each in told.submissions] == ["p-1"]
    assert told.passed_over == 1


def test_a_body_without_events_or_with_too_many_is_refused() -> None:
    with pytest.raises(Malformed):
        heard()
    with pytest.raises(TooMuch):
        heard(*[PAGE] * 101)
