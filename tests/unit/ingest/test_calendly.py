"""Calendly: which meetings ask for a person, and which only tell."""

from typing import Any

import pytest

from contracts.events.kinds import TouchKind
from ingest.domain.kinds.kind import Heard
from ingest.domain.sent import Malformed
from ingest.domain.submission import Slot, Submission
from ingest.domain.touch import Door, record
from tests.unit.ingest.hearing import NOW, heard, source, told


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


@pytest.mark.parametrize("event", [None, 0, ["invitee.created"], {}])
def test_an_event_without_a_name_is_refused(event: object) -> None:
    with pytest.raises(Malformed):
        heard("calendly", {"event": event})
