"""CloudEvents: three ways of sending one event, and the handshake."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from contracts.events.kinds import TouchKind
from ingest.domain.kinds import cloudevents
from ingest.domain.kinds.cloudevents import MANY, ONE, CloudEvents
from ingest.domain.kinds.kind import Answer, Credentials, Heard, Refused
from ingest.domain.sent import Malformed, Sent
from ingest.domain.submission import Slot, Submission

NOW = datetime(2026, 11, 2, 9, 19, 7, tzinfo=UTC)
HELD = Credentials((b"the-key",))
ATTRIBUTES = {
    "id": "e 1",
    "source": "/größe",
    "type": "form.sent",
    "subject": 'a "b" 100% é😀',
    "datacontenttype": "application/json",
    "time": NOW,
}
DATA = {"email": "m@b.example", "colour": "red"}


def source(**more: Any) -> CloudEvents:  # noqa: ANN401 - the policy's fields
    return CloudEvents.model_validate({"kind": "cloudevents", "channel": "web", **more})


def sent(body: bytes, media: str, **headers: str) -> Sent:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Sent((), {"content-type": media, **named}, body, NOW)


def heard(request: Sent, **more: Any) -> Heard:  # noqa: ANN401 - the policy's fields
    return cloudevents.KIND.parse(request, source(**more))


def structured(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - an event's attributes
    return {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": DATA, **more}


def one(event: object, **more: Any) -> Submission:  # noqa: ANN401 - the policy's fields
    (told,) = heard(sent(json.dumps(event).encode(), ONE), **more).submissions
    return told


def test_an_event_says_the_same_in_headers_and_in_the_body() -> None:
    event = CloudEvent(dict(ATTRIBUTES), dict(DATA))
    as_headers, as_body = to_binary(event, JSONFormat()), to_structured(event, JSONFormat())
    spelled = {name.lower(): value for name, value in as_headers.headers.items()}
    first = heard(Sent((), spelled, as_headers.body, NOW))
    second = heard(sent(as_body.body, f"{ONE}; charset=utf-8"))

    assert first == second
    (told,) = first.submissions
    assert told.slots == {Slot.EMAIL: "m@b.example"}
    assert told.unknown == {
        "colour": "red",
        "ce.source": "/größe",
        "ce.type": "form.sent",
        "ce.subject": 'a "b" 100% é😀',
    }
    assert told.submitted_at == NOW


def test_a_batch_holds_many_and_may_hold_none() -> None:
    body = [structured(id="1"), structured(id="2", data=[DATA, DATA]), structured(id="1")]
    told = heard(sent(json.dumps(body).encode(), MANY)).submissions
    ids = [each.sender_id for each in told]

    assert len(told) == 4
    assert ids[0] == ids[3], "source and id name an event"
    assert len(set(ids)) == 3
    assert heard(sent(b"[]", MANY)) == Heard()


@given(st.tuples(*[st.text("/ 1", min_size=1, max_size=3)] * 4))
def test_events_of_different_source_or_id_are_never_taken_for_one(
    words: tuple[str, str, str, str],
) -> None:
    first = one(structured(source=words[0], id=words[1])).sender_id
    second = one(structured(source=words[2], id=words[3])).sender_id

    assert (first == second) == (words[:2] == words[2:])


def test_types_say_what_an_event_is_and_others_are_passed_over() -> None:
    types = {"page.viewed": "page", "form.sent": "form"}

    assert one(structured(type="page.viewed"), types=types).kind is TouchKind.PAGE
    unlisted = sent(json.dumps(structured(type="order.paid")).encode(), ONE)
    assert heard(unlisted, types=types) == Heard(passed_over=1)
    assert one(structured(type="order.paid"), touch="event").kind is TouchKind.EVENT


def test_a_mapping_reaches_data_and_attributes() -> None:
    told = one(
        structured(subject="p-7", data={"who": {"mail": "m@b.example"}, "ce": "own"}),
        map={"to": {"email": "who.mail"}},
    )
    assert told.slots == {Slot.EMAIL: "m@b.example"}
    assert told.unknown["ce"] == "own"
    named = one(structured(subject="p-7"), map={"to": {"person_id": "ce.subject"}})
    assert named.person_id == "p-7"


def test_data_may_be_bytes_in_base64_and_a_retry_may_be_traced_otherwise() -> None:
    event = structured(data_base64=b64encode(json.dumps(DATA).encode()).decode())
    del event["data"]

    assert one(event).slots == {Slot.EMAIL: "m@b.example"}
    assert one(structured(traceparent="a")) == one(structured(traceparent="b"))


@pytest.mark.parametrize(
    "event",
    [
        structured(id=""),
        structured(id="\ud800"),
        structured(source="a\x00"),
        structured(source=7),
        structured(specversion="0.3"),
        structured(data_base64="e30="),
        {k: v for k, v in structured().items() if k != "type"},
        {**{k: v for k, v in structured().items() if k != "data"}, "data_base64": "?"},
        {**{k: v for k, v in structured().items() if k != "data"}, "data_base64": 7},
        structured(data="text"),
        structured(data=[1]),
    ],
)
def test_what_is_no_event_says_where(event: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as refused:
        one(event)

    assert refused.value.fields[0][0].startswith("body.")


@pytest.mark.parametrize("value", ["%C0%A0", "%FF", "ü"])
def test_a_header_that_is_no_utf8_is_refused(value: str) -> None:
    headers = {"ce_id": value, "ce_source": "/s", "ce_type": "t", "ce_specversion": "1.0"}
    with pytest.raises(Malformed) as refused:
        heard(sent(b"{}", "application/json", **headers))

    assert refused.value.fields == (("ce-id", "UTF-8"),)


def test_a_header_in_quotes_is_read_without_them() -> None:
    headers = {"ce_id": r'"a \"b\" c%20d"', "ce_source": "/s", "ce_type": "t"}
    (told,) = heard(
        sent(b'{"a": 1}', "application/json", ce_specversion="1.0", **headers)
    ).submissions

    assert told.sender_id == '2 /s a "b" c d'


@pytest.mark.parametrize(
    ("media", "why"),
    [
        ("application/cloudevents+avro", Refused.FORMAT),
        ("application/xml", Refused.FORMAT),
        ("", Refused.FORMAT),
        ("application/vnd.firm+json", None),
        ("Application/CloudEvents+JSON; charset=utf-8", None),
        (MANY, None),
    ],
)
def test_formats_that_are_not_read_are_told(media: str, why: Refused | None) -> None:
    refusal = cloudevents.KIND.verify(
        sent(b"{}", media, authorization="Bearer the-key"), source(), HELD
    )
    assert (None if refusal is None else refusal.why) is why


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ((), {"authorization": "Bearer the-key"}),
        ((), {"x_api_key": "the-key"}),
        ((("access_token", "the-key"),), {}),
    ],
)
def test_a_key_stands_where_the_profile_has_it(
    query: tuple[tuple[str, str], ...], headers: dict[str, str]
) -> None:
    request = sent(b"{}", ONE, **headers)
    right = Sent(query, request.headers, request.body, NOW)

    assert cloudevents.KIND.verify(right, source(), HELD) is None
    wrong = cloudevents.KIND.verify(right, source(), Credentials((b"other",)))
    assert wrong is not None


def asked(origin: str | None, **more: Any) -> Answer | None:  # noqa: ANN401 - the policy's fields
    headers = {} if origin is None else {"webhook-request-origin": origin}
    request = Sent((), {**headers, "webhook-request-rate": "120"}, b"", NOW, "OPTIONS")
    found = cloudevents.KIND.handshake(request, source(**more), HELD)
    assert found is None or isinstance(found, Answer)
    return found


def test_a_sender_that_is_listed_is_granted_and_no_other() -> None:
    listed = {"senders": ["events.firm.example"], "rate": 600}
    granted = asked("Events.firm.example", **listed)
    refused = asked("evil.example", **listed)

    assert granted is not None
    assert refused is not None
    assert granted.headers["WebHook-Allowed-Origin"] == "Events.firm.example"
    assert granted.headers["WebHook-Allowed-Rate"] == "600"
    assert set(refused.headers) == {"Allow"}, "the headers grant it, not the status"
    assert asked("any.example") == refused
    anybody = asked("any.example", senders=["*"])
    assert anybody is not None
    assert anybody.headers["WebHook-Allowed-Origin"] == "*"
    assert anybody.headers["WebHook-Allowed-Rate"] == "*"
    assert asked(None, **listed) is None, "a browser's own question is answered as for any kind"
