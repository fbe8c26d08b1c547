"""What is special of platforms that sign: which events are leads, and what their parts say."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.events.kinds import TouchKind
from ingest.domain.kinds import KINDS
from ingest.domain.kinds.kind import Credentials, Heard, Refused
from ingest.domain.sent import Malformed, Sent
from ingest.domain.sources import ONE
from ingest.domain.submission import Slot, Submission
from ingest.domain.touch import Door, record
from tests.integration.ingest.conformance.signing import calendly, tiktok, typeform, webflow
from tests.integration.ingest.conformance.wire import ASKED, KEY, Wire, json_of

NOW = datetime(2026, 11, 2, 9, 19, 7, tzinfo=UTC)
HELD = Credentials((b"old", KEY.encode()))


def source(kind: str, **more: Any) -> Any:  # noqa: ANN401 - one of several models
    return ONE.validate_python({"kind": kind, "secrets": ["env:X"], **ASKED, **more})


def heard(kind: str, body: object, **more: Any) -> Heard:  # noqa: ANN401 - the policy's fields
    return KINDS[kind].parse(Sent((), {}, json_of(body), NOW), source(kind, **more))


def told(kind: str, body: object, **more: Any) -> Submission:  # noqa: ANN401 - the policy's fields
    (submission,) = heard(kind, body, **more).submissions
    return submission


def answered(
    kind: str, value: object, ref: str = "r", of: str = "", title: str = "T"
) -> Submission:
    """A typeform with one answer."""
    field = {"id": "f", "ref": ref, "type": of or kind}
    definition = {"fields": [{**field, "title": title}]}
    return told("typeform", form([{"type": kind, kind: value, "field": field}], definition))


def form(answers: list[dict[str, Any]], definition: object = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON's values
    response = {"token": "t-1", "form_id": "F", "answers": answers, **more}
    if definition is not None:
        response["definition"] = definition
    return {"event_id": "e", "event_type": "form_response", "form_response": response}


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("text", "blue", "blue"),
        ("choice", {"id": "x", "label": "51-200", "ref": "y"}, "51-200"),
        ("choice", {"other": "mauve"}, "mauve"),
        ("choices", {"ids": ["x"], "labels": ["a", "b"], "refs": ["y"], "other": "c"}, "a, b, c"),
        ("number", 42, "42"),
        ("boolean", False, "false"),
        ("date", "2026-11-02", "2026-11-02"),
        ("url", "https://a.example", "https://a.example"),
        ("file_url", "https://api.typeform.com/f.pdf", "https://api.typeform.com/f.pdf"),
        ("a_type_of_tomorrow", "x", "x"),
    ],
)
def test_an_answer_of_any_type_is_kept_under_its_question(
    kind: str, value: object, text: str
) -> None:
    assert answered(kind, value, title="How so?").unknown["How so?"] == text


def test_a_payment_keeps_its_parts() -> None:
    paid = answered("payment", {"amount": "10.00", "last4": "1234", "name": "M", "success": True})

    assert paid.unknown["T.amount"] == "10.00"
    assert paid.unknown["T.success"] == "true"


def test_answers_are_known_by_what_people_named_then_by_their_type() -> None:
    submission = told(
        "typeform",
        form(
            [
                {"type": "text", "text": "Maya Okafor", "field": {"id": "1", "ref": "full_name"}},
                {"type": "text", "text": "Brightwell", "field": {"id": "2", "ref": "9c0"}},
                {"type": "email", "email": "m@b.example", "field": {"id": "3", "type": "email"}},
                {"type": "email", "email": "x@b.example", "field": {"id": "4", "type": "email"}},
                {
                    "type": "phone_number",
                    "phone_number": "+442079460000",
                    "field": {"id": "5", "ref": "8d1", "type": "phone_number"},
                },
                {"type": "text", "text": "51-200", "field": {"id": "6", "ref": "size_of_firm"}},
                {"type": "boolean", "boolean": True, "field": {"id": "7", "ref": "agreed"}},
            ],
            {"fields": [{"id": "2", "title": "Company"}, {"id": "7", "title": "May we?"}]},
            hidden={"utm_source": "google", "gclid": "Cj0-X", "form": "demo", "plan": "pro"},
            calculated={"score": 9},
            variables=[{"key": "price", "type": "number", "number": 4}],
        ),
        fields={"company.employees": "size_of_firm"},
        consent={"contact": "asked", "ads_feedback": "field agreed"},
    )

    assert submission.slots == {
        Slot.FULL_NAME: "Maya Okafor",
        Slot.COMPANY: "Brightwell",
        Slot.EMAIL: "m@b.example",
        Slot.PHONE: "+442079460000",
    }
    assert submission.fields["size_of_firm"] == "51-200"
    assert submission.fields["agreed"] == "true"
    assert submission.unknown["email"] == "x@b.example"
    assert submission.unknown["calculated.score"] == "9"
    assert submission.unknown["variables.price"] == "4"
    assert submission.unknown["plan"] == "pro"
    assert (submission.form, submission.unknown["form_id"]) == ("demo", "F")
    assert submission.utm == {"utm_source": "google"}
    assert submission.click_ids == {"gclid": "Cj0-X"}
    assert submission.sender_id == "t-1"


def test_a_form_that_is_not_done_is_passed_over_and_another_delivery_is_the_same() -> None:
    body = form([{"type": "text", "text": "x", "field": {"id": "1"}}])

    assert heard("typeform", body | {"event_type": "form_response_partial"}) == Heard(passed_over=1)
    assert told("typeform", body | {"event_id": "another"}) == told("typeform", body)


@pytest.mark.parametrize("gone", ["form_response", "token"])
def test_a_typeform_without_its_parts_says_which(gone: str) -> None:
    body = form([])
    (body if gone in body else body["form_response"]).pop(gone)
    with pytest.raises(Malformed) as refused:
        heard("typeform", body)

    assert refused.value.fields[0][0].endswith(gone)


def invitee(event: str = "invitee.created", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON's values
    payload = {"uri": "https://api/i/1", "email": "m@b.example", "name": "Maya Okafor", **more}
    return {"event": event, "created_at": "2026-11-02T09:19:07.000000Z", "payload": payload}


def taken(submission: Submission, kind: str = "calendly") -> Any:  # noqa: ANN401 - a touch's body
    return record(submission, Door("s", source(kind), (), b"s" * 40, NOW)).event.body


def test_a_booked_meeting_asks_for_a_person() -> None:
    booked = told(
        "calendly",
        invitee(
            scheduled_event={"name": "Demo", "start_time": "2026-11-03T10:00:00Z"},
            questions_and_answers=[
                {"question": "Company", "answer": "Brightwell", "position": 0},
                {"question": "Why?", "answer": ["a", "b"], "position": 1},
            ],
            tracking={"utm_source": "google", "salesforce_uuid": "7"},
            text_reminder_number="+44 20 7946 0000",
        ),
    )

    assert booked.kind is TouchKind.BOOKING
    assert booked.form == "Demo"
    assert booked.slots[Slot.COMPANY] == "Brightwell"
    assert booked.slots[Slot.PHONE] == "+44 20 7946 0000"
    assert booked.utm == {"utm_source": "google"}
    assert booked.unknown["Why?"] == "a, b"
    assert booked.unknown["scheduled_event.start_time"] == "2026-11-03T10:00:00Z"
    assert booked.submitted_at == NOW
    assert taken(booked).is_request


def test_a_meeting_that_is_moved_is_no_lost_lead_and_no_new_request() -> None:
    moved = invitee("invitee.canceled", rescheduled=True, new_invitee="https://api/i/2")
    again = told("calendly", invitee(uri="https://api/i/2", old_invitee="https://api/i/1"))

    assert heard("calendly", moved) == Heard(passed_over=1)
    assert again.kind is TouchKind.BOOKING
    assert again.unknown["old_invitee"] == "https://api/i/1"
    assert not taken(again).is_request
    assert taken(again).consent == {}
    assert taken(again).facts.get("touch.is_request") is False
    assert taken(again).identity == taken(told("calendly", invitee())).identity


def test_a_cancelled_meeting_is_told_and_asks_for_nobody() -> None:
    cancelled = told(
        "calendly", invitee("invitee.canceled", cancellation={"reason": "Ill", "canceled_by": "M"})
    )

    assert cancelled.kind is TouchKind.OTHER
    assert cancelled.unknown["event"] == "invitee.canceled"
    assert cancelled.unknown["cancellation.reason"] == "Ill"
    assert not taken(cancelled).is_request
    assert cancelled.sender_id != told("calendly", invitee()).sender_id


def test_a_routing_form_is_a_form_and_other_events_are_passed_over() -> None:
    routed = told(
        "calendly",
        {
            "event": "routing_form_submission.created",
            "created_at": "2026-11-02T09:19:07Z",
            "payload": {
                "uri": "https://api/r/1",
                "routing_form": "https://api/routing_forms/A",
                "questions_and_answers": [
                    {"question_uuid": "q", "question": "Email", "answer": "m@b.example"}
                ],
                "result": {"type": "event_type", "value": "https://api/event_types/B"},
            },
        },
    )

    assert routed.kind is TouchKind.FORM
    assert routed.slots == {Slot.EMAIL: "m@b.example"}
    assert routed.unknown["result.type"] == "event_type"
    assert heard("calendly", {"event": "invitee_no_show.created"}) == Heard(passed_over=1)


def test_webflow_without_a_signature_proves_itself_by_its_address() -> None:
    kind = KINDS["webflow"]
    plain = source("webflow", signed=False)
    body = json_of(
        {"triggerType": "form_submission", "payload": {"data": {"Email": "m@b.example"}}}
    )

    def why(query: str, told: Any = plain) -> Refused | None:  # noqa: ANN401 - a model
        pairs = (("key", query),) if query else ()
        refusal = kind.verify(Sent(pairs, {}, body, NOW), told, HELD)
        return None if refusal is None else refusal.why

    assert why(KEY) is None
    assert why("another") is Refused.WRONG_PROOF
    assert why("") is Refused.NO_PROOF
    assert why(KEY, source("webflow")) is Refused.NO_PROOF, "a key does not replace the signature"


def test_webflow_reads_labels_numbers_and_the_page() -> None:
    submission = told(
        "webflow",
        {
            "triggerType": "form_submission",
            "payload": {
                "id": "1",
                "name": "Contact",
                "formId": "f",
                "data": {
                    "First Name": "Maya",
                    "Phone": 2079460000,
                    "Newsletter": False,
                    "Empty": "",
                },
                "schema": [{"fieldName": "x"}],
                "publishedPath": "/contact",
                "siteId": "s",
            },
        },
    )

    assert submission.slots == {
        Slot.FIRST_NAME: "Maya",
        Slot.PHONE: "2079460000",
        Slot.PAGE: "/contact",
    }
    assert submission.form == "Contact"
    assert submission.unknown["Newsletter"] == "false"
    assert submission.unknown["formId"] == "f"
    assert heard("webflow", {"triggerType": "site_publish"}) == Heard(passed_over=1)


@pytest.mark.parametrize(
    "content",
    [
        {"lead_id": "7", "email": "m@b.example", "full_name": "M", "colour": "red"},
        {"lead": {"lead_id": "7", "email": "m@b.example", "full_name": "M"}, "colour": "red"},
        {
            "lead_id": "7",
            "fields": [
                {"name": "email", "value": "m@b.example"},
                {"field": "full_name", "values": ["M"]},
                {"question": "colour", "answer": "red"},
            ],
        },
    ],
)
@pytest.mark.parametrize("in_a_text", [True, False])
def test_a_lead_of_tiktok_is_read_by_names_wherever_they_stand(
    content: dict[str, Any], *, in_a_text: bool
) -> None:
    raw = json.dumps(content) if in_a_text else content
    submission = told("tiktok", {"event": "lead", "create_time": 1793611147, "content": raw})

    assert submission.kind is TouchKind.AD_LEAD
    assert submission.sender_id == "7"
    assert submission.slots == {Slot.EMAIL: "m@b.example", Slot.FULL_NAME: "M"}
    assert "red" in submission.unknown.values()
    assert submission.submitted_at == NOW


def test_what_tiktok_tells_beside_leads_is_passed_over_and_garbled_content_is_not() -> None:
    assert heard("tiktok", {"event": "video.publish.completed", "content": "{}"}).passed_over == 1
    with pytest.raises(Malformed, match="content"):
        heard("tiktok", {"event": "lead", "content": '{"a": '})


@pytest.mark.parametrize(
    ("kind", "sign"),
    [("typeform", typeform), ("calendly", calendly), ("webflow", webflow), ("tiktok", tiktok)],
)
def test_a_signature_is_over_the_bytes_that_came(kind: str, sign: Any) -> None:  # noqa: ANN401 - one of four
    wire = sign(Wire(b"", {}), b'{"name": "M\\u00e9ry"}')
    now = datetime.now(UTC)

    def why(body: bytes, now: datetime) -> Refused | None:
        refusal = KINDS[kind].verify(Sent((), wire.headers, body, now), source(kind), HELD)
        return None if refusal is None else refusal.why

    assert why(wire.body, now) is None
    assert why('{"name": "Méry"}'.encode(), now) is Refused.WRONG_PROOF
    if kind != "typeform":
        assert why(wire.body, now + timedelta(minutes=6)) is Refused.STALE
        assert why(wire.body, now - timedelta(minutes=6)) is Refused.STALE
