"""What a kind of sender is: how it proves itself, what its bytes mean, which answer it needs.

One module a kind in this folder makes a ``Kind`` as a literal; doors know nothing else of it. All
of it is pure: requests come as values, time and secrets as arguments.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import orjson

from ingest.domain.fetching import Fetching, Pointer
from ingest.domain.sent import Sent
from ingest.domain.source import Source
from ingest.domain.submission import Submission


class Refused(StrEnum):
    """Why a request was not taken. The value stands in metrics and in a source's attempts."""

    NO_PROOF = "no_proof"
    """The key or signature that the kind demands is missing."""
    WRONG_PROOF = "wrong_proof"
    """The key or signature is not one of the source's."""
    STALE = "stale"
    """The signed instant is too far from now, in either direction."""
    MALFORMED = "malformed"
    """The bytes are not what the kind sends."""
    FORMAT = "format"
    """The content type is one that the kind does not send."""
    METHOD = "method"
    """The method is one that the kind does not use."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request was not taken, and what to do; never with anything that was sent."""

    why: Refused
    detail: str
    way_out: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """The secrets of a source that hold now."""

    keys: tuple[bytes, ...]
    named: Mapping[str, bytes] = field(default_factory=dict)
    """Those that the source's ``references`` point to, by their names, as far as they are read."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a request says."""

    submissions: tuple[Submission, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    """Leads that are fetched once the sender has its answer."""
    passed_over: int = 0
    """Entries that are of no concern here: other events, forms that are not finished."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sender is told once all is durable, or to its handshake."""

    body: bytes = b"{}"
    status: int = 200
    """200 with JSON is the one answer that every platform takes for success."""
    media: str | None = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    page: str | None = None
    """Where a visitor's browser is sent instead, with 303."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A request as the sender itself would make it, rightly signed, with a lead that nobody is."""

    body: bytes
    headers: Mapping[str, str]
    query: str = ""


SAMPLE_FIELDS: Mapping[str, str] = {
    "email": "test@example.com",
    "full_name": "Test Lead",
    "company": "Example",
}
"""What samples say, by the names of slots; example.com is nobody's (RFC 2606)."""


def _no_handshake(sent: Sent, source: Any, held: Credentials) -> Answer | Refusal | None:  # noqa: ANN401, ARG001
    return None


def _plain_answer(sent: Sent, source: Any, touches: Sequence[str], *, local: bool) -> Answer:  # noqa: ANN401, ARG001
    return Answer()


class Answering(Protocol):
    """Makes the answer of a kind."""

    def __call__(self, sent: Sent, source: Any, touches: Sequence[str], *, local: bool) -> Answer:  # noqa: ANN401
        """Return it, given the touches' ids; ``local``: on a developer's machine."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of sender."""

    name: str
    model: type[Source]
    verify: Callable[[Sent, Any, Credentials], Refusal | None]
    """Tell why the request is not the source's; None where it is. Raises Malformed."""
    parse: Callable[[Sent, Any], Heard]
    """Return what a verified request says. Raises Malformed."""
    sample: Callable[[Any, Credentials, str, datetime], Sample]
    """Return a sample for a source, its secrets, its public address and the time."""
    answer: Answering = _plain_answer
    handshake: Callable[[Sent, Any, Credentials], Answer | Refusal | None] = _no_handshake
    """Return the answer to a request that only asks whether we are who we say; else None.

    Asked first, for every method.
    """
    malformed: int | None = None
    """The status for bytes that a verified sender garbled; None: the problem's own.

    200 for platforms that would only send the same bytes again. The bytes are kept either way.
    """
    fetching: Fetching | None = None
    """How leads that are only pointed at are fetched."""


def as_json(value: object) -> bytes:
    """Return a value as a body."""
    return orjson.dumps(value)
