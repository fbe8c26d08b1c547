"""Events of CloudEvents, written by the library of its project; one row, three ways of sending."""

import uuid

from cloudevents.core.bindings.http import to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from tests.integration.ingest.conformance.wire import (
    ASKED,
    KEY,
    UNKNOWN,
    Sender,
    Wire,
    with_header,
    without,
)

BEARER = {"authorization": f"Bearer {KEY}"}


def event(email: str, **more: str) -> CloudEvent:
    """One event of a lead."""
    attributes = {
        "id": uuid.uuid4().hex,
        "source": "/forms/größe 1",
        "type": "com.example.form.sent",
        "datacontenttype": "application/json",
        **more,
    }
    return CloudEvent(attributes, {"email": email, UNKNOWN[0]: UNKNOWN[1]})


def binary(email: str) -> Wire:
    """One event, its attributes in headers."""
    message = to_binary(event(email), JSONFormat())
    return Wire(message.body, {**message.headers, **BEARER})


def structured(email: str) -> Wire:
    """One event, all of it in the body."""
    message = to_structured(event(email), JSONFormat())
    return Wire(message.body, {**message.headers, **BEARER})


SENDERS = (
    Sender(
        "cloudevents",
        {
            "kind": "cloudevents",
            "secrets": [f"demo:{KEY}"],
            "types": {"com.example.form.sent": "form", "baton.test": "form"},
            "senders": ["events.example.com"],
            "rate": 600,
            **ASKED,
        },
        structured,
        wrong=with_header("authorization", "Bearer another"),
        unproved=without("authorization"),
        unreadable=lambda: Wire(f'{{"id": "{uuid.uuid4()}"}}'.encode(), {**structured("").headers}),
    ),
)
