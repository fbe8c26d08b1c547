"""What came before whom it is of: as it was told, and when it is looked at again.

The identity step sets these timers with what it keeps and takes them back once it is said. No lane
waits for another, and no decision depends on which of two lanes came first.
"""

from datetime import datetime, timedelta

from contracts.body import Part
from contracts.decision import Timer
from contracts.events.parts import Instant
from contracts.events.touches import ConsentRecorded, FactsRecorded, TouchRecorded

LOOKS = (
    timedelta(seconds=1),
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=7),
    timedelta(days=30),
)
"""After its coming. The first for what two lanes hold at once; the last is when nothing that was
told before can come from `marketing.touches` any more."""
_NAMES = tuple(f"look {number}" for number in range(1, len(LOOKS) + 1))


class Waiting(Part):
    """A record that is of nobody who is known, as it was told."""

    body: FactsRecorded | ConsentRecorded | TouchRecorded
    """Facts, consents, or a touch that asks for an erasure."""
    occurred_at: Instant


def looks(now: datetime) -> tuple[Timer, ...]:
    """Return the timers of something that begins to wait.

    All at once and not one after another: each names the record as its cause, and so do the events
    that it leads to.
    """
    return tuple(Timer(name, now + after) for name, after in zip(_NAMES, LOOKS, strict=True))


def no_more_looks() -> tuple[Timer, ...]:
    """Return what takes all of them back."""
    return tuple(Timer(name, None) for name in _NAMES)
