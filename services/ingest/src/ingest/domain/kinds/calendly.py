"""Calendly: meetings that are booked, moved and cancelled, and forms that route to them.

https://developer.calendly.com/api-docs/ZG9jOjM2MzE2MDM4-webhook-signatures. A move is two events:
a cancellation marked ``rescheduled``, which is passed over, and a booking with an ``old_invitee``:
the same wish for a meeting, which asks for nobody anew. A cancellation is told, and asks nobody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.events.kinds import TouchKind
from contracts.facts import clean_text
from ingest.domain.flattening import flattened
from ingest.domain.instants import instant
from ingest.domain.kinds.kind import Credentials, Heard, Kind, Refusal, Sample, as_json
from ingest.domain.kinds.proofs import require_timed, timed
from ingest.domain.kinds.shapes import Id, Open, Said, SomeId, checked
from ingest.domain.naming import read_named
from ingest.domain.sent import Malformed, Sent
from ingest.domain.source import Source
from ingest.domain.submission import Submission

SIGNATURE, _VERSION = "calendly-webhook-signature", "v1"
_WITHIN = timedelta(minutes=3)
_MOST = 100
CREATED, CANCELED, ROUTED = (
    "invitee.created",
    "invitee.canceled",
    "routing_form_submission.created",
)
_TOUCH = {
    CREATED: TouchKind.BOOKING,
    CANCELED: TouchKind.OTHER,
    ROUTED: TouchKind.FORM,
}


class Calendly(Source):
    """A webhook subscription of an organisation or a user."""

    kind: Literal["calendly"]


class Question(Open):
    """A question that the event type or the routing form asks, answered."""

    question: Said = ""
    answer: Any = None


class Meeting(Open):
    """What was booked."""

    name: Said = ""


class Payload(Open):
    """An invitee, or what was sent with a routing form."""

    uri: SomeId
    email: Said = ""
    name: Said = ""
    first_name: Said = ""
    last_name: Said = ""
    text_reminder_number: Said = ""
    rescheduled: bool | None = None
    old_invitee: Id | None = None
    created_at: Said = ""
    routing_form: Said = ""
    questions_and_answers: Annotated[tuple[Question, ...], Field(max_length=_MOST)] = ()
    tracking: Mapping[str, Any] | None = None
    scheduled_event: Meeting | None = None


class Body(Open):
    """The body of the webhook."""

    event: Said
    created_at: Said = ""
    payload: Payload


def _verify(sent: Sent, _source: Calendly, held: Credentials) -> Refusal | None:
    return require_timed(sent, held, SIGNATURE, _VERSION, _WITHIN)


def _parse(sent: Sent, _source: Calendly) -> Heard:
    event = sent.object.get("event")
    if not isinstance(event, str):
        raise Malformed("The event has no name.", (("body.event", "expected a text"),))
    if event not in _TOUCH:
        return Heard(passed_over=1)
    body = checked(Body, sent.object)
    if body.event == CANCELED and body.payload.rescheduled:
        return Heard(passed_over=1)
    return Heard((submission_of(body),))


def submission_of(body: Body) -> Submission:
    """Return what the body tells."""
    payload = body.payload
    told = read_named(_pairs(body), _TOUCH[body.event])
    meeting = payload.scheduled_event
    at = body.created_at if body.event == CANCELED else payload.created_at or body.created_at
    return replace(
        told,
        # Named apart from the event's own id: cancelling what was booked is another touch.
        sender_id=f"{payload.uri} {body.event}",
        submitted_at=instant(at),
        form=told.form or clean_text(meeting.name if meeting else payload.routing_form),
        is_passive=body.event == CANCELED or payload.old_invitee is not None,
    )


def _pairs(body: Body) -> Iterator[tuple[str, str]]:
    payload = body.payload
    yield "email", payload.email
    yield "name", payload.name
    yield "first_name", payload.first_name
    yield "last_name", payload.last_name
    for each in payload.questions_and_answers:
        yield from flattened(each.answer, each.question.strip() or "question")
    yield "phone", payload.text_reminder_number
    yield from flattened(payload.tracking or {})
    if payload.scheduled_event is not None:
        yield from flattened(payload.scheduled_event.model_dump(), "scheduled_event")
    yield "old_invitee", payload.old_invitee or ""
    yield "routing_form", payload.routing_form
    yield from flattened(payload.model_extra or {})
    yield from flattened(body.model_extra or {})
    yield "event", body.event


def _sample(_source: Calendly, held: Credentials, _url: str, now: datetime) -> Sample:
    payload = {
        "uri": f"https://api.calendly.com/scheduled_events/test/invitees/{now.isoformat()}",
        "email": "test@example.com",
        "name": "Test Lead",
        "scheduled_event": {"name": "Test"},
    }
    body = as_json({"event": CREATED, "created_at": now.isoformat(), "payload": payload})
    signature = timed(held.keys[0], _VERSION, now, body)
    return Sample(body, {"content-type": "application/json", SIGNATURE: signature})


# Anything but a success has the same bytes sent again for a day, then the subscription is disabled.
KIND = Kind("calendly", Calendly, _verify, _parse, _sample, malformed=200)
