"""Is a source quieter than its policy expects? Pure; the worker asks, once every few seconds.

Spans are plain time: a weekend counts like any day, so ``expect`` is to be longer than a weekend
where a sender rests on it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contracts.amounts import Duration, Limit

HOUR = timedelta(hours=1)


class Turned(StrEnum):
    """What became of a source since it was judged last."""

    SILENT = "silent"
    """It sends less than is expected now."""
    HEARD = "heard"
    """It was silent and sends again."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of one source's touches."""

    since: datetime
    """When it began to be watched: nothing is owed for the time before."""
    last_at: datetime | None
    """Of its last good touch that was no test."""
    in_span: int
    """How many of them there were in the span that is expected of, counted by the hour."""
    silent: bool
    """Whether its silence was said."""


def span_of(expect: Limit) -> timedelta:
    """Return the span in which so many touches are expected. Raises ValueError for a period."""
    if not isinstance(expect.per, Duration):
        raise ValueError("a source's expectation is by a span")  # noqa: TRY004 - a matter of value
    return expect.per.span


def counted_from(expect: Limit, now: datetime) -> datetime:
    """Return the first hour that counts: the whole of the one in which the span begins.

    So a count by the hour is never too low, and no silence is said too early.
    """
    return (now - span_of(expect)).replace(minute=0, second=0, microsecond=0)


def turned(expect: Limit, watched: Watched, now: datetime) -> Turned | None:
    """Return what changed; None where all is as it was."""
    quiet = is_quiet(expect, watched, now)
    if quiet and not watched.silent:
        return Turned.SILENT
    if watched.silent and not quiet:
        return Turned.HEARD
    return None


def is_quiet(expect: Limit, watched: Watched, now: datetime) -> bool:
    """Tell whether it sent less than is expected, in the whole span up to now.

    One touch is measured from its own instant, several by the hour.
    """
    span = span_of(expect)
    if now - watched.since < span:
        return False
    if expect.count > 1:
        return watched.in_span < expect.count
    return watched.last_at is None or now - watched.last_at >= span
