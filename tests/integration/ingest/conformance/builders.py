"""Builders of forms, from a fixture each in the documented shape; the key stands in the address."""

import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.integration.ingest.conformance.wire import (
    ASKED,
    JSON,
    KEY,
    UNKNOWN,
    Sender,
    Wire,
    json_of,
)

FIXTURES = Path(__file__).parent / "fixtures"
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}
_QUERY = urlencode({"key": KEY})


def wire_of(kind: str, email: str, encoding: str | None = None) -> Wire:
    """Return the fixture of a kind as its builder sends it, or in another ``encoding``."""
    told = json.loads((FIXTURES / f"{kind}.json").read_text(encoding="utf-8"))
    words = {"{{email}}": email, "{{id}}": uuid.uuid4().hex, "{{unknown}}": UNKNOWN[1]}
    fields = _filled(told["fields"], words)
    encoding = encoding or told["as"]
    if encoding == "json":
        return Wire(json_of(fields), JSON, _QUERY)
    pairs = list(_pairs(fields))
    if encoding == "urlencoded":
        return Wire(urlencode(pairs).encode(), URLENCODED, _QUERY)
    files = [(name, (None, text)) for name, text in pairs]
    request = httpx.Request("POST", "http://localhost", files=files)
    return Wire(request.read(), {"content-type": request.headers["content-type"]}, _QUERY)


def _filled(value: Any, words: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON's values
    if isinstance(value, dict):
        return {key: _filled(each, words) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, words) for each in value]
    if isinstance(value, str):
        for word, text in words.items():
            value = value.replace(word, text)
    return value


def _pairs(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return a form's fields; an object is sent as JSON in a text, a list as a repeated field."""
    out: list[tuple[str, str]] = []
    for name, value in fields.items():
        if isinstance(value, dict):
            out.append((name, json.dumps(value)))
        elif isinstance(value, list):
            out += [(name, each) for each in value]
        else:
            out.append((name, value))
    return out


def _row(kind: str, **more: Any) -> Sender:  # noqa: ANN401 - the policy's fields
    return Sender(
        kind,
        {"kind": kind, "secrets": [f"demo:{KEY}"], **ASKED, **more},
        lambda email: wire_of(kind, email),
        wrong=lambda wire: Wire(wire.body, wire.headers, "key=another"),
        unproved=lambda wire: Wire(wire.body, wire.headers),
        unreadable=lambda: Wire(
            f'["{uuid.uuid4()}"]'.encode(), {"content-type": "application/json"}, _QUERY
        ),
    )


SENDERS = (
    _row("jotform"),
    _row("unbounce"),
    _row(
        "gravity_forms",
        map={"to": {"email": '"2"', "first_name": '"1.3"', "last_name": '"1.6"'}},
        fields={"company.employees": "3"},
    ),
    _row("contact_form_7"),
    _row("elementor"),
    _row(
        "zapier",
        map={"to": {"email": "lead.contact.email", "full_name": "lead.contact.name"}},
    ),
)
