"""Instants as senders write them. Pure."""

from datetime import UTC, datetime

from ingest.domain.text import one_line

_LONGEST = 64
_MOST_DIGITS = 16


def instant(text: str | None) -> datetime | None:
    """Return an instant of ISO 8601 in UTC; one without a zone is taken as UTC; else None."""
    spelled = one_line(text or "", _LONGEST)
    if spelled is None:
        return None
    try:
        moment = datetime.fromisoformat(spelled)
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def instant_of(count: object, per_second: int) -> datetime | None:
    """Return the instant of a count since 1970 (``per_second`` 1 or 1000) in UTC, or None."""
    if isinstance(count, bool) or not isinstance(count, int | str):
        return None
    digits = str(count)
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MOST_DIGITS:
        return None
    try:
        return datetime.fromtimestamp(int(digits) / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None
