"""Platforms that sign what they send, as their documentation shows it."""

import uuid
from datetime import timedelta
from typing import Any

from tests.integration.ingest.conformance.wire import (
    ASKED,
    JSON,
    KEY,
    UNKNOWN,
    Sender,
    Wire,
    base64_signature,
    hex_signature,
    json_of,
    seconds,
    with_header,
    without,
)

NOW = timedelta()


def typeform(wire: Wire, body: bytes, ago: timedelta = NOW) -> Wire:  # noqa: ARG001 - signs no time
    return Wire(body, {**wire.headers, "typeform-signature": f"sha256={base64_signature(body)}"})


def _typeform(email: str) -> Wire:
    response = {
        "form_id": "lT4Z3j",
        "token": uuid.uuid4().hex,
        "landed_at": "2026-11-02T09:18:02Z",
        "submitted_at": "2026-11-02T09:19:07Z",
        "hidden": {"utm_source": "google"},
        "calculated": {"score": 9},
        "definition": {
            "id": "lT4Z3j",
            "title": "Demo",
            "fields": [
                {"id": "a1", "ref": "r-1", "type": "email", "title": "Your address at work?"},
                {"id": "a2", "ref": "r-2", "type": "short_text", "title": UNKNOWN[0]},
            ],
        },
        "answers": [
            {
                "type": "email",
                "email": email,
                "field": {"id": "a1", "ref": "r-1", "type": "email"},
            },
            {
                "type": "text",
                "text": UNKNOWN[1],
                "field": {"id": "a2", "ref": "r-2", "type": "short_text"},
            },
        ],
    }
    body = {"event_id": uuid.uuid4().hex, "event_type": "form_response", "form_response": response}
    return typeform(Wire(b"", JSON), json_of(body))


def calendly(wire: Wire, body: bytes, ago: timedelta = NOW) -> Wire:
    at = seconds(ago)
    signature = f"t={at},v1={hex_signature(f'{at}.'.encode() + body)}"
    return Wire(body, {**wire.headers, "calendly-webhook-signature": signature})


def _calendly(email: str, ago: timedelta = NOW) -> Wire:
    payload = {
        "uri": f"https://api.calendly.com/scheduled_events/1/invitees/{uuid.uuid4()}",
        "email": email,
        "name": "Maya Okafor",
        "first_name": None,
        "last_name": None,
        "timezone": "Europe/London",
        "questions_and_answers": [
            {"question": UNKNOWN[0], "answer": UNKNOWN[1], "position": 0},
        ],
        "tracking": {"utm_source": "google", "utm_campaign": None, "salesforce_uuid": None},
        "scheduled_event": {"name": "Demo", "start_time": "2026-11-03T10:00:00.000000Z"},
        "rescheduled": False,
        "old_invitee": None,
        "new_invitee": None,
        "created_at": "2026-11-02T09:19:07.000000Z",
    }
    body = {
        "event": "invitee.created",
        "created_at": "2026-11-02T09:19:07.000000Z",
        "created_by": "https://api.calendly.com/users/1",
        "payload": payload,
    }
    return calendly(Wire(b"", JSON), json_of(body), ago)


def webflow(wire: Wire, body: bytes, ago: timedelta = NOW) -> Wire:
    at = f"{seconds(ago)}123"
    signed = {
        "x-webflow-timestamp": at,
        "x-webflow-signature": hex_signature(f"{at}:".encode() + body),
    }
    return Wire(body, {**wire.headers, **signed})


def _webflow(email: str, ago: timedelta = NOW) -> Wire:
    payload = {
        "name": "Contact Us",
        "siteId": "65427cf400e02b306eaa049c",
        "data": {"First Name": "Maya", "Email": email, "Phone": 2079460000, UNKNOWN[0]: UNKNOWN[1]},
        "schema": [{"fieldName": "Email", "fieldType": "FormTextInput", "fieldElementId": "1"}],
        "submittedAt": "2026-11-02T09:19:07.000Z",
        "id": uuid.uuid4().hex[:24],
        "formId": "65429eadebe8a9f3a30f62d0",
        "formElementId": "4e038d2c-6a1e-4953-7be9-a59a2b453177",
        "pageId": "1",
        "publishedPath": "/contact",
    }
    body = json_of({"triggerType": "form_submission", "payload": payload})
    return webflow(Wire(b"", JSON), body, ago)


def tiktok(wire: Wire, body: bytes, ago: timedelta = NOW) -> Wire:
    at = seconds(ago)
    signature = f"t={at},s={hex_signature(f'{at}.'.encode() + body)}"
    return Wire(body, {**wire.headers, "tiktok-signature": signature})


def _tiktok(email: str, ago: timedelta = NOW) -> Wire:
    lead: dict[str, Any] = {
        "lead_id": uuid.uuid4().hex,
        "email": email,
        "answers": [{"name": UNKNOWN[0], "value": UNKNOWN[1]}],
    }
    body = {
        "client_key": "bwo2m45353a6k85",
        "event": "lead.created",
        "create_time": 1793611147,
        "user_openid": "act.example12345",
        "content": json_of(lead).decode(),
    }
    return tiktok(Wire(b"", JSON), json_of(body), ago)


def _policy(kind: str) -> dict[str, Any]:
    return {"kind": kind, "secrets": [f"demo:{KEY}"], **ASKED}


SENDERS = (
    Sender(
        "typeform",
        _policy("typeform"),
        _typeform,
        # In hexadecimal, as others with this prefix sign: it is not Typeform's.
        wrong=lambda wire: with_header("typeform-signature", f"sha256={hex_signature(wire.body)}")(
            wire
        ),
        unproved=without("typeform-signature"),
        proved=typeform,
        unreadable=lambda: typeform(
            Wire(b"", JSON), json_of({"event_type": "form_response", "n": uuid.uuid4().hex})
        ),
    ),
    Sender(
        "calendly",
        _policy("calendly"),
        _calendly,
        wrong=with_header("calendly-webhook-signature", f"t={seconds(NOW)},v1={'0' * 64}"),
        unproved=without("calendly-webhook-signature"),
        aged=_calendly,
        proved=calendly,
        within=timedelta(minutes=3),
        unreadable=lambda: calendly(
            Wire(b"", JSON), json_of({"event": "invitee.created", "n": uuid.uuid4().hex})
        ),
    ),
    Sender(
        "webflow",
        _policy("webflow"),
        _webflow,
        wrong=with_header("x-webflow-signature", "0" * 64),
        unproved=without("x-webflow-signature"),
        aged=_webflow,
        proved=webflow,
        unreadable=lambda: webflow(
            Wire(b"", JSON), json_of({"triggerType": "form_submission", "n": uuid.uuid4().hex})
        ),
    ),
    Sender(
        "tiktok",
        _policy("tiktok"),
        _tiktok,
        wrong=with_header("tiktok-signature", f"t={seconds(NOW)},s={'0' * 64}"),
        unproved=without("tiktok-signature"),
        aged=_tiktok,
        proved=tiktok,
        unreadable=lambda: tiktok(
            Wire(b"", JSON), json_of({"event": "lead", "content": "{", "n": uuid.uuid4().hex})
        ),
    ),
)
