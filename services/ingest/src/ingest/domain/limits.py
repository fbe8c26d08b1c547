"""How many requests a source may send: a token bucket, told by the instant when it is full. Pure.

The generic cell rate algorithm (ITU-T I.371, annex A), the same as a bucket of ``count`` tokens
that fills evenly over ``per``. Whole nanoseconds, so that nothing is lost to rounding.
"""

from typing import Final

from contracts.amounts import Duration, Limit, Period

DEFAULT: Final = Limit.parse("60000 per 1m")
"""Where a source names none: more than any honest one sends, less than what a broken one does."""

_NS_PER_MS = 1_000_000


def taken(full_at_ns: int, now_ns: int, limit: Limit) -> tuple[int, int]:
    """Return when the bucket is full after one token is taken, and how long one waits for a token.

    A wait of more than 0 ns means that none was taken. ``limit`` is per a span, not a calendar's
    period. Raises ValueError.
    """
    if isinstance(limit.per, Period):
        raise ValueError("a token bucket needs a span")  # noqa: TRY004 - a matter of value
    whole = limit.per.ms * _NS_PER_MS
    each = whole // limit.count
    after = max(full_at_ns, now_ns) + each
    wait = after - now_ns - whole
    return (full_at_ns, wait) if wait > 0 else (after, 0)


def by_span(limit: Limit, longest: Duration) -> str | None:
    """Return what is wrong with a limit that has to be per a span of at most ``longest``."""
    if isinstance(limit.per, Period):
        return "expected per a span like 1m, 2h or 7d, not per a period of the calendar"
    if limit.per > longest:
        return f"expected per at most {longest}"
    return None
