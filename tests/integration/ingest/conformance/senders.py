"""Each kind of sender as it sends: its source's policy, and requests signed by other people's code.

Being listed here is being tested: a test holds the list against the kinds that ingest knows.
"""

import json
import uuid
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from standardwebhooks import Webhook

from tests.integration.ingest.conformance import builders, events, signing
from tests.integration.ingest.conformance.pointing import POINTING
from tests.integration.ingest.conformance.wire import (
    ASKED,
    JSON,
    KEY,
    UNKNOWN,
    Sender,
    Wire,
    with_header,
    without,
)

SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def _google(email: str) -> Wire:
    column = {"column_id": UNKNOWN[0], "string_value": UNKNOWN[1]}
    body = {
        "google_key": KEY,
        "lead_id": uuid.uuid4().hex,
        "user_column_data": [{"column_id": "EMAIL", "string_value": email}, column],
    }
    return Wire(json.dumps(body).encode(), JSON)


def _google_key(wire: Wire, key: str | None) -> Wire:
    body = json.loads(wire.body) | {"google_key": key}
    return Wire(json.dumps(body).encode(), wire.headers)


def _form(email: str) -> Wire:
    fields = {"email": email, UNKNOWN[0]: UNKNOWN[1]}
    return Wire(urlencode(fields).encode(), {"content-type": "application/x-www-form-urlencoded"})


def _generic(email: str) -> Wire:
    body = {"ref": uuid.uuid4().hex, "contact": {"mail": email}, UNKNOWN[0]: UNKNOWN[1]}
    return Wire(json.dumps(body).encode(), JSON | {"authorization": f"Bearer {KEY}"})


def _standard_again(wire: Wire, body: bytes, ago: timedelta = timedelta()) -> Wire:
    said, at = wire.headers["webhook-id"], datetime.now(UTC) - ago
    headers = {
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(SIGNING).sign(said, at, body.decode()),
    }
    return Wire(body, {**wire.headers, **headers})


def _signed(body: object, ago: timedelta = timedelta(), secret: str = SIGNING) -> Wire:
    text, said, at = json.dumps(body), f"msg_{uuid.uuid4().hex}", datetime.now(UTC) - ago
    headers = {
        "webhook-id": said,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(said, at, text),
    }
    return Wire(text.encode(), JSON | headers)


def _standard(email: str, ago: timedelta = timedelta()) -> Wire:
    return _signed({"data": {"email": email, UNKNOWN[0]: UNKNOWN[1]}}, ago)


def _resigned(wire: Wire) -> Wire:
    other = "whsec_" + b64encode(b"another secret of twenty-four").decode()
    return Wire(wire.body, _signed(json.loads(wire.body), secret=other).headers)


def _website(email: str) -> Wire:
    event = {
        "id": str(uuid.uuid4()),
        "type": "form",
        "at": 1_790_000_000_000,
        "page": "https://www.kestrel.example/demo",
        "anonymous_id": str(uuid.uuid4()),
        "fields": [["email", email], [*UNKNOWN]],
    }
    body = {"sent_at": 1_790_000_000_500, "events": [event]}
    return Wire(json.dumps(body).encode(), {"content-type": "text/plain;charset=UTF-8"})


def _segment(email: str) -> Wire:
    body = {
        "type": "identify",
        "userId": uuid.uuid4().hex,
        "messageId": uuid.uuid4().hex,
        "traits": {"email": email, UNKNOWN[0]: UNKNOWN[1]},
        "timestamp": datetime.now(UTC).isoformat(),
        "sentAt": datetime.now(UTC).isoformat(),
    }
    return Wire(json.dumps(body).encode(), JSON | {"authorization": _basic(KEY)})


def _basic(key: str) -> str:
    return f"Basic {b64encode(f'{key}:'.encode()).decode()}"


SENDERS = (
    Sender(
        "google_ads",
        {"kind": "google_ads", "secrets": [f"demo:{KEY}"], **ASKED},
        _google,
        wrong=lambda wire: _google_key(wire, "another"),
        unproved=lambda wire: _google_key(wire, None),
        unreadable=lambda: Wire(json.dumps({"google_key": KEY, "lead_id": 1}).encode(), JSON),
    ),
    Sender(
        "html_form",
        {
            "kind": "html_form",
            "origins": ["https://www.kestrel.example"],
            "thank_you": ["https://www.kestrel.example/thanks"],
            **ASKED,
        },
        _form,
        success=303,
        answer=None,
        garbled=Wire(b"--x", {"content-type": "multipart/form-data; boundary=y"}),
    ),
    Sender(
        "generic",
        {
            "kind": "generic",
            "secrets": [f"demo:{KEY}"],
            "map": {"to": {"email": "contact.mail", "id": "ref"}},
            **ASKED,
        },
        _generic,
        wrong=with_header("authorization", "Bearer another"),
        unproved=without("authorization"),
        unreadable=lambda: Wire(b'{"a": ', JSON | {"authorization": f"Bearer {KEY}"}),
    ),
    Sender(
        "standard_webhooks",
        {
            "kind": "standard_webhooks",
            "secrets": [f"demo:{SIGNING}"],
            "map": {"each": "data"},
            **ASKED,
        },
        _standard,
        wrong=_resigned,
        unproved=without("webhook-signature"),
        aged=_standard,
        unreadable=lambda: _signed({"data": [uuid.uuid4().hex]}),
        proved=_standard_again,
    ),
    *POINTING,
    Sender(
        "segment",
        {"kind": "segment", "secrets": [f"demo:{KEY}"], **ASKED},
        _segment,
        answer=b'{"success":true}',
        wrong=with_header("authorization", _basic("another")),
        unproved=without("authorization"),
        unreadable=lambda: Wire(b'{"batch": 1}', JSON | {"authorization": _basic(KEY)}),
    ),
    Sender(
        "website",
        {"kind": "website", "origins": ["https://www.kestrel.example"], **ASKED},
        _website,
    ),
    *signing.SENDERS,
    *events.SENDERS,
    *builders.SENDERS,
)
BY_KIND = {each.kind: each for each in SENDERS}
