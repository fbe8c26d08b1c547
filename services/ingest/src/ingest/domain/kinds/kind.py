"""What a kind of sender is: how it proves itself, what its bytes mean, which answer it needs.

One module a kind in this folder makes a ``Kind`` as a literal; doors know nothing else of it. All
of it is pure: requests come as values, time and secrets as arguments.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import orjson

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


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sender is told once all is durable."""

    body: bytes = b"{}"
    """JSON, with status 200: the one answer that every platform takes for success."""
    page: str | None = None
    """Where a visitor's browser is sent instead, with 303."""


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
    parse: Callable[[Sent, Any], Sequence[Submission]]
    """Return the touches that a verified request tells. Raises Malformed."""
    answer: Answering = _plain_answer


def as_json(value: object) -> bytes:
    """Return a value as a body."""
    return orjson.dumps(value)
