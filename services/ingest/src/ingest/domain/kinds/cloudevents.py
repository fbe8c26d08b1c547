"""CloudEvents 1.0 over HTTP: in headers, in the body, or many at once; source and id name an event.

https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md, and
http-webhook.md beside it for keys and the handshake. Read here and not by the library of that name,
which takes bytes that are no UTF-8 in headers, knows no batches and no limits.
"""

import re
import unicodedata
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import unquote_to_bytes

from pydantic import Field, StringConstraints

from contracts.events.kinds import TouchKind
from ingest.domain.flattening import text_of
from ingest.domain.instants import instant
from ingest.domain.json_text import NotJson, parse
from ingest.domain.kinds.generic import key_of
from ingest.domain.kinds.kind import (
    SAMPLE_FIELDS,
    Answer,
    Credentials,
    Heard,
    Kind,
    Refusal,
    Refused,
    Sample,
    as_json,
)
from ingest.domain.kinds.proofs import require_key
from ingest.domain.mapping import Mapped, read_mapped, written
from ingest.domain.sent import Malformed, NoJson, Sent, TooMuch
from ingest.domain.source import Source
from ingest.domain.submission import Submission

ORIGIN, RATE = "webhook-request-origin", "webhook-request-rate"
ONE, MANY = "application/cloudevents+json", "application/cloudevents-batch+json"
_PREFIX = "ce-"
_PLACE = "Authorization, X-Api-Key or ?access_token="
_ANY = "*"
_MOST = 500
_LONGEST = 500
_NAME = re.compile(r"[a-z0-9]{1,100}")
_JSON = re.compile(r"(application|text)/([a-z0-9.\-]+\+)?json")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_READ = frozenset({"specversion", "id", "time", "data", "data_base64", "datacontenttype"})
_OF_THE_WAY = frozenset({"traceparent", "tracestate"})
"""Extensions that may differ in a retry of the same event, and say nothing of it."""
_DNS = r"^(\*|[A-Za-z0-9]([A-Za-z0-9.\-]{0,251}[A-Za-z0-9])?)$"

EventType = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class CloudEvents(Source):
    """A sender of CloudEvents."""

    kind: Literal["cloudevents"]
    touch: TouchKind = TouchKind.FORM
    """What an event is, whose type is not among ``types``, as long as that is empty."""
    types: Annotated[dict[EventType, TouchKind], Field(max_length=200)] = Field(
        default_factory=dict
    )
    """From an event's type to what it is; others are passed over."""
    senders: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=_DNS)], ...], Field(max_length=50)
    ] = ()
    """Who may deliver, as they name themselves in the handshake: domain names, or ``*``."""
    rate: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """How many requests a minute they are told to send at most; None: as many as they like."""
    map: Mapped = Mapped()
    """What is where in an event's data; its attributes stand in ``ce``, like ``ce.subject``."""


def _handshake(sent: Sent, source: CloudEvents, _held: Credentials) -> Answer | Refusal | None:
    """Answer who asks for the leave to deliver: the headers grant it, no status does."""
    origin = sent.headers.get(ORIGIN)
    if sent.method != "OPTIONS" or origin is None:
        return None
    allow = {"Allow": "POST, OPTIONS"}
    listed = {each.lower() for each in source.senders}
    if _ANY not in listed and origin.lower() not in listed:
        return Answer(b"", 200, None, allow)
    granted = _ANY if _ANY in listed else origin
    rate = _ANY if source.rate is None else str(source.rate)
    return Answer(
        b"", 200, None, allow | {"WebHook-Allowed-Origin": granted, "WebHook-Allowed-Rate": rate}
    )


def _verify(sent: Sent, _source: CloudEvents, held: Credentials) -> Refusal | None:
    given = key_of(sent) or sent.first("access_token")
    if (refusal := require_key(given, held, _PLACE)) is not None:
        return refusal
    if sent.media in {ONE, MANY} or _JSON.fullmatch(sent.media):
        return None
    return Refusal(
        Refused.FORMAT,
        "The format of the events or of their data is not read here.",
        "Send JSON: data of application/json, or events as application/cloudevents+json.",
    )


def _parse(sent: Sent, source: CloudEvents) -> Heard:
    told: list[Submission] = []
    passed_over = 0
    for place, event in _events(sent):
        _require_valid(event, place)
        kind = source.types.get(event["type"]) if source.types else source.touch
        if kind is None:
            passed_over += 1
        else:
            told += _touches(event, place, source.map, kind)
    if len(told) > _MOST:
        raise TooMuch(f"The body has more than {_MOST} entries.")
    return Heard(tuple(told), passed_over=passed_over)


def _events(sent: Sent) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield place and attributes of each event, its data among them. Raises Malformed."""
    if sent.media == MANY:
        if not isinstance(sent.data, list):
            raise Malformed("A batch is a list of events.", (("body", "expected a list"),))
        for number, each in enumerate(sent.data):
            yield f"body.{number}", _object(each, f"body.{number}")
    elif sent.media == ONE:
        yield "body", sent.object
    else:
        attributes = {
            name.removeprefix(_PREFIX): _decoded(value, name)
            for name, value in sent.headers.items()
            if name.startswith(_PREFIX)
        }
        yield "headers", {**attributes, "data": sent.data}


def _object(value: Any, place: str) -> Mapping[str, Any]:  # noqa: ANN401 - JSON's values
    if not isinstance(value, dict):
        raise Malformed("An event is not an object.", ((place, "expected keys with values"),))
    return value


def _decoded(value: str, name: str) -> str:
    """Return a header's value: quotes undone, then one round of percent-decoding."""
    quoted = _QUOTED.fullmatch(value)
    bare = value if quoted is None else re.sub(r"\\(.)", r"\1", quoted[1])
    try:
        # What servers hand on is latin-1; characters beyond ASCII were to be encoded by the sender.
        return unquote_to_bytes(bare.encode("latin-1", "replace")).decode()
    except UnicodeDecodeError:
        place = name if _NAME.fullmatch(name.removeprefix(_PREFIX)) else "headers"
        raise Malformed("A header is not UTF-8, percent-encoded.", ((place, "UTF-8"),)) from None


def _require_valid(event: Mapping[str, Any], place: str) -> None:
    """Raise Malformed for what is no event of CloudEvents 1.0."""
    for name in ("id", "source", "specversion", "type"):
        value = event.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or not _is_text(value):
            expected = f"expected a text of 1 to {_LONGEST} characters, none of them control"
            raise Malformed("An attribute is missing or no text.", ((f"{place}.{name}", expected),))
    if event["specversion"] != "1.0":
        raise Malformed("The version is not 1.0.", ((f"{place}.specversion", "expected 1.0"),))
    if "data" in event and "data_base64" in event:
        raise Malformed(
            "An event has data twice.", ((f"{place}.data", "expected data or data_base64"),)
        )


def _is_text(value: str) -> bool:
    """Tell whether there is no control character in it, and no half of one."""
    return value.isprintable() or all(unicodedata.category(c) not in {"Cc", "Cs"} for c in value)


def _touches(
    event: Mapping[str, Any], place: str, mapped: Mapped, kind: TouchKind
) -> Iterator[Submission]:
    attributes = {
        name: value
        for name, value in event.items()
        if name not in _READ | _OF_THE_WAY and text_of(value) is not None
    }
    found = mapped.entries(_data(event, place))
    at = event.get("time")
    for number, entry in enumerate(found if isinstance(found, list) else [found]):
        if not isinstance(entry, dict):
            raise Malformed(
                "The data is not an object.", ((f"{place}.data", "expected keys with values"),)
            )
        # An entry's own "ce" stays.
        told = read_mapped({"ce": attributes, **entry}, mapped, kind)
        occurred = told.submitted_at or instant(at if isinstance(at, str) else None)
        # A length before the first keeps two pairs apart that read the same when joined.
        name = f"{len(event['source'])} {event['source']} {event['id']}"
        yield replace(told, submitted_at=occurred).named(name, number)


def _data(event: Mapping[str, Any], place: str) -> Any:  # noqa: ANN401 - JSON's values
    encoded = event.get("data_base64")
    if encoded is None:
        return {} if event.get("data") is None else event["data"]
    try:
        return parse(b64decode(encoded, validate=True))
    except NotJson as error:
        raise NoJson(f"In {place}.data_base64, {error}.") from None
    except (TypeError, ValueError):
        raise Malformed(
            "The data is no base64.", ((f"{place}.data_base64", "expected base64"),)
        ) from None


def _sample(source: CloudEvents, held: Credentials, _url: str, now: datetime) -> Sample:
    body = as_json(
        {
            "specversion": "1.0",
            "id": f"test {now.isoformat()}",
            "source": "baton",
            "type": next(iter(source.types), "baton.test"),
            "time": now.isoformat(),
            "data": written(SAMPLE_FIELDS, source.map),
        }
    )
    return Sample(body, {"content-type": ONE, "authorization": f"Bearer {held.keys[0].decode()}"})


KIND = Kind("cloudevents", CloudEvents, _verify, _parse, _sample, handshake=_handshake)
