"""One request, and one kind of sender as the conformance suite sees it; what rows are made of."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import quote_plus

KEY = "demo-conformance-key"
PUBLIC = "https://in.firm.example/hooks"
"""Where senders believe to send; a proxy in front takes the prefix away."""
JSON = {"content-type": "application/json"}
UNKNOWN = ("favourite colour", "bläu \u2013 sky")
"""A field that no kind knows; it must be kept."""
ASKED = {"channel": "web", "consent": {"contact": "asked"}}


@dataclass(frozen=True)
class Wire:
    """One request."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""


class Proving(Protocol):
    """Makes a request of another body, rightly signed so long ago."""

    def __call__(self, wire: Wire, body: bytes, ago: timedelta = timedelta()) -> Wire:
        """Return it; its sender's id is that of ``wire``."""
        ...


def as_it_is(wire: Wire, body: bytes, ago: timedelta = timedelta()) -> Wire:  # noqa: ARG001
    """Return a request of a kind whose proof does not depend on the body."""
    return Wire(body, wire.headers, wire.query)


@dataclass(frozen=True)
class Sender:
    """One kind of sender."""

    kind: str
    policy: Mapping[str, Any]
    """The source in the policy."""
    right: Callable[[str], Wire]
    """A lead with this e-mail address and ``UNKNOWN``; called twice it makes two leads."""
    points: bool = False
    """Whether it only points at the lead, so that the touch comes after the answer."""
    readdressed: Callable[[Wire, str], Wire] = lambda wire, _: wire
    """The same request for another path; some sign it."""
    success: int = 200
    answer: bytes | None = b"{}"
    wrong: Callable[[Wire], Wire] | None = None
    """The same with a proof that is not the source's; None: anybody may send."""
    unproved: Callable[[Wire], Wire] | None = None
    """The same without a proof."""
    aged: Callable[[str, timedelta], Wire] | None = None
    """The request rightly signed so long ago; None: the kind signs no instant."""
    proved: Proving = as_it_is
    """The same with another body, rightly proved."""
    within: timedelta = timedelta(minutes=5)
    """How far a signed instant may be from now."""
    garbled: Wire = field(default_factory=lambda: Wire(b'{"a": ', JSON))
    """Bytes that are not what the kind sends, and cannot be proved to be the source's."""
    unreadable: Callable[[], Wire] | None = None
    """Bytes that are proved to be the source's and are not what the kind sends."""


def json_of(value: object) -> bytes:
    """Return a body as most senders write it, in ASCII."""
    return json.dumps(value).encode()


def hex_signature(message: bytes, key: str = KEY) -> str:
    """Sign as the vendors' documentation shows it."""
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def base64_signature(message: bytes, key: str = KEY) -> str:
    """Sign as the vendors' documentation shows it."""
    return b64encode(hmac.new(key.encode(), message, hashlib.sha256).digest()).decode()


def seconds(ago: timedelta) -> str:
    """Return the time so long ago as a count of seconds since 1970."""
    return str(int((datetime.now(UTC) - ago).timestamp()))


def without(header: str) -> Callable[[Wire], Wire]:
    """Return what leaves a header out."""

    def left_out(wire: Wire) -> Wire:
        return Wire(wire.body, {k: v for k, v in wire.headers.items() if k != header}, wire.query)

    return left_out


def with_header(header: str, value: str) -> Callable[[Wire], Wire]:
    """Return what gives a header another value."""
    return lambda wire: Wire(wire.body, {**wire.headers, header: value}, wire.query)


def saying(body: bytes, text: str) -> bytes:
    """Return a body in which the unknown field says something else, however it is wrapped."""
    once, now = json.dumps(UNKNOWN[1])[1:-1], json.dumps(text)[1:-1]
    spelled = (
        (json.dumps(once)[1:-1], json.dumps(now)[1:-1]),
        (once, now),
        (quote_plus(once), quote_plus(now)),
        (quote_plus(UNKNOWN[1]), quote_plus(text)),
        (UNKNOWN[1], text),
    )
    for old, new in spelled:
        body = body.replace(old.encode(), new.encode())
    return body
