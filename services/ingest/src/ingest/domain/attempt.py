"""What became of one request of a sender, as its source shows it: no address, no body. Pure.

Doors note it, ``store.attempts`` counts and keeps the last ones.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Outcome(StrEnum):
    """What became of a request."""

    TAKEN = "taken"
    """Its touches are durable."""
    ANSWERED = "answered"
    """It was answered and told no touch: a handshake, or news that is passed over."""
    REFUSED = "refused"
    """It was answered with 4xx; ``why`` says for which reason."""
    UNAVAILABLE = "unavailable"
    """It was answered with 503, and the sender comes again; ``why`` says for which reason."""


class Why(StrEnum):
    """Why a request was not taken; kinds have the first six words, too (``Refused``)."""

    NO_PROOF = "no_proof"
    """The key or signature is missing."""
    WRONG_PROOF = "wrong_proof"
    """The key or signature is none that holds now."""
    STALE = "stale"
    """The signed instant is too far from now."""
    MALFORMED = "malformed"
    """The bytes are not what the kind sends."""
    FORMAT = "format"
    """The content type is none that the kind sends."""
    METHOD = "method"
    """The method is none that the kind uses."""
    PUT_ASIDE = "put_aside"
    """The sender proved itself and its bytes cannot be read: they are kept (``baton parked``)."""
    ORIGIN = "origin"
    """The form stands on a page that the source does not list."""
    TOO_LARGE = "too_large"
    """The body, or what is in it, is more than is read."""
    TOO_SLOW = "too_slow"
    """The body did not come in time."""
    LIMITED = "limited"
    """More requests came than the source's ``limit``."""
    SWITCHED_OFF = "switched_off"
    """The source is switched off."""
    NO_SECRET = "no_secret"  # noqa: S105 - a word
    """The source's secret cannot be read here, or has expired."""
    AWAY = "away"
    """Neither Kafka nor PostgreSQL took it."""


class What(StrEnum):
    """What a source's touches are counted as, each as one of these."""

    TAKEN = "taken"
    """Real ones. With spam, what the platform counts."""
    SPAM = "spam"
    """Kept with a sign that its source's policy stops."""
    TEST = "test"
    """Marked as a test."""
    ERASURE = "erasure"
    """A request that a person be forgotten: no lead."""
    REPEAT = "repeat"
    """Came again within the last thousands: its first coming was counted."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One touch that is durable, as far as it is counted."""

    touch_id: UUID
    what: What


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request."""

    source: str
    at: datetime
    outcome: Outcome
    status: int
    """What it was answered with."""
    size: int
    """Bytes of its body."""
    why: str | None = None
    """A word of a closed list; None where it was taken."""
    touch_id: UUID | None = None
    """Of its first touch."""
