"""Segment's tracking API, spoken by RudderStack's and other libraries too: calls and batches.

The write key comes as Basic's user or in the body; libraries in browsers send JSON as text/plain.
What a call tells is read by ``segment_event``. Calls that cannot be read are passed over with 200,
as Segment does it; its limits of size are answered by 400.
https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints

from ingest.domain.kinds.generic import password_of
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
from ingest.domain.segment_event import TYPES, Lead, told
from ingest.domain.sent import Malformed, Sent, TooMuch, object_in
from ingest.domain.source import Source, Strict

NAME = "segment"
SHORT: Mapping[str, str] = MappingProxyType(
    {
        "i": "identify",
        "t": "track",
        "p": "page",
        "s": "screen",
        "g": "group",
        "a": "alias",
        "b": "batch",
    }
)
"""The paths that libraries in browsers call, and what they stand for."""
_PLACE = "Authorization or body.writeKey"
_LARGEST_BODY = 512_000
_LARGEST_EVENT = 32_768
_TOO_LARGE = f"A batch has at most {_LARGEST_BODY:,} bytes."
_GZIP = 16
"""Tells zlib that a head of gzip comes first."""
_MOST_EVENTS = 1_000
_MOST_VALUES = 50_000
_MERGED = ("context", "integrations", "sentAt")
"""What stands at the top of a batch for each of its calls."""


class Leads(Strict):
    """Which calls are somebody who asks for us, as if a form were sent."""

    identify: bool = False
    """Whether each ``identify`` is."""
    track: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=200)], ...],
        Field(max_length=50),
    ] = ()
    """The events that are, by their names."""


class Segment(Source):
    """A source of Segment's or RudderStack's libraries."""

    SECRET_IS_ADDRESS: ClassVar[bool] = True

    kind: Literal["segment"]
    leads: Leads = Leads()


def write_key(sent: Sent) -> str | None:
    """Return the key as it was sent. Raises Malformed for a body that has to be asked and is none.

    The header goes before the body, so that a large batch is read once.
    """
    scheme, _, given = sent.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return password_of(given)
    found = _object(sent).get("writeKey")
    return found if isinstance(found, str) else None


def _unpacked(sent: Sent) -> bytes:
    """Return the body; libraries of apps send it packed by gzip. Raises Malformed."""
    if sent.headers.get("content-encoding", "").strip().lower() != "gzip":
        return sent.body
    opener = zlib.decompressobj(zlib.MAX_WBITS | _GZIP)
    try:
        body = opener.decompress(sent.body, _LARGEST_BODY + 1)
    except zlib.error:
        raise Malformed("The body is not packed by gzip as its header says.") from None
    if len(body) > _LARGEST_BODY:
        raise TooMuch(_TOO_LARGE)
    return body


def _object(sent: Sent) -> dict[str, Any]:
    return object_in(_unpacked(sent), _MOST_VALUES)


def _verify(sent: Sent, _source: Segment, held: Credentials) -> Refusal | None:
    refusal = require_key(write_key(sent), held, _PLACE)
    if refusal is None and len(sent.body) > _LARGEST_BODY:
        return Refusal(Refused.MALFORMED, _TOO_LARGE, "Send less at once.")
    return refusal


def _parse(sent: Sent, source: Segment) -> Heard:
    calls = _calls(_object(sent), _called(sent.url))
    lead = Lead(source.leads.identify, frozenset(source.leads.track))
    read = tuple(each for call in calls if (each := told(call, lead, sent.received_at)) is not None)
    return Heard(read, passed_over=len(calls) - len(read))


def _called(url: str) -> str | None:
    """Return what the path says that the body is; None for the address of a source."""
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    what = SHORT.get(last, last)
    return what if what in SHORT.values() else None


def _calls(body: dict[str, Any], called: str | None) -> Sequence[Mapping[str, Any]]:
    """Return the calls of a body, each with its type. Raises Malformed."""
    if called == "batch" or (called is None and "batch" in body):
        return _batched(body)
    kind = body.get("type") if called is None else called
    if kind not in TYPES:
        raise Malformed(
            "The body does not say which call it is.",
            (("body.type", f"expected one of {', '.join(TYPES)}"),),
        )
    _require_small(body, "body")
    return ({**body, "type": kind},)


def _batched(body: dict[str, Any]) -> Sequence[Mapping[str, Any]]:
    items = body.get("batch")
    if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
        raise Malformed("The batch is no list of calls.", (("body.batch", "expected objects"),))
    if len(items) > _MOST_EVENTS:
        raise TooMuch(f"A batch has at most {_MOST_EVENTS:,} calls.")
    for number, each in enumerate(items):
        _require_small(each, f"body.batch.{number}")
    return [_merged(body, each) for each in items]


def _merged(body: Mapping[str, Any], item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a call with what stands at the top; what it says itself goes before that."""
    merged = dict(item)
    for name in _MERGED:
        above, own = body.get(name), item.get(name)
        if isinstance(above, dict) and isinstance(own, dict):
            merged[name] = {**above, **own}
        elif own is None and above is not None:
            merged[name] = above
    return merged


def _require_small(call: Mapping[str, Any], place: str) -> None:
    if _size(call) > _LARGEST_EVENT:
        raise Malformed(
            "A call is too large.", ((place, f"expected at most {_LARGEST_EVENT:,} bytes"),)
        )


def _size(call: Mapping[str, Any]) -> int:
    """Return how many bytes a call has as JSON."""
    try:
        return len(as_json(call))
    except TypeError:  # halves of characters, which are left out later, are in no text of JSON
        return len(json.dumps(call))


def _answer(sent: Sent, source: Segment, touches: Sequence[str], *, local: bool) -> Answer:  # noqa: ARG001
    return Answer(as_json({"success": True}))


def _sample(source: Segment, held: Credentials, _url: str, now: datetime) -> Sample:
    event = {"type": "track", "event": source.leads.track[0]} if source.leads.track else {}
    body = {
        "type": "identify",
        **event,
        "messageId": f"test {now.isoformat()}",
        "anonymousId": f"test {now.isoformat()}",
        "writeKey": held.keys[0].decode(),
        "timestamp": now.isoformat(),
        "sentAt": now.isoformat(),
        "context": {"traits": SAMPLE_FIELDS},
    }
    return Sample(as_json(body), {"content-type": "application/json"})


# 400, as Segment's own: its libraries give up on it, and the bytes are kept.
KIND = Kind(NAME, Segment, _verify, _parse, _sample, answer=_answer, malformed=400)
