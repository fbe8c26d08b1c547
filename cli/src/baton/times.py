"""Instants and lengths of time as people at this machine read them. Pure but for its time zone.

Called by watch and the walk. APIs speak UTC; people here read their own clock.
"""

from datetime import UTC, datetime


def clock_time(text: str, now: datetime | None = None) -> str:
    """Return an instant by this machine's zone; with the day where that is not today's."""
    found = datetime.fromisoformat(text).astimezone()
    today = (now or datetime.now(UTC)).astimezone().date()
    day = "" if found.date() == today else f"{found:%a} {found.day} {found:%b} "
    return f"{day}{found:%H:%M:%S} {found:%Z}".strip()


def to_the_millisecond(text: str) -> str:
    """Return an instant's time of day by this machine's zone: ``10:24:07.163``."""
    found = datetime.fromisoformat(text).astimezone()
    return f"{found:%H:%M:%S}.{found.microsecond // 1000:03}"


def span(seconds: float) -> str:
    """Return a length of time in the unit that reads best: ``5 min``, ``4 h``, ``2 s``."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"
