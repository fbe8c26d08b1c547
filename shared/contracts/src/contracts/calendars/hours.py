"""The words of a calendar: days of the week, hours of a day, dates, holidays of a place.

`policy` reads them. Minutes count from the local midnight, half-open: 09:00-12:30 is open at
09:00 and closed at 12:30.
"""

import difflib
import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import holidays

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHOLE_DAY = 24 * 60

Span = tuple[int, int]

_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


class HoursError(ValueError):
    """A word of a calendar that means nothing; says what is expected."""


def days_of(key: str) -> tuple[int, ...] | None:
    """Return the weekdays of `mon` or `mon-fri`, Monday 0; None when it is no day's name."""
    first, _, last = key.partition("-")
    if first not in DAYS or (last and last not in DAYS):
        return None
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return tuple(range(begin, end + 1)) if begin <= end else None


def span_of(text: str) -> Span:
    """Return the minutes of `09:00-12:30`; the end may be 24:00. Raises HoursError."""
    found = _SPAN.match(text)
    if not found:
        raise HoursError("expected hours like 09:00-12:30")
    begin, end = _minutes(found[1], found[2]), _minutes(found[3], found[4])
    if begin >= end:
        raise HoursError("hours end on the day they begin: write 22:00-24:00, then 00:00-06:00")
    return begin, end


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans in order, those that touch or overlap made one."""
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return tuple(merged)


def date_of(text: str) -> date:
    """Return the date of `2026-12-24`. Raises HoursError."""
    try:
        if _DATE.match(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise HoursError("expected a date like 2026-12-24")


def place_of(text: str) -> str:
    """Return `DE-BE` or `DE` when its holidays are known. Raises HoursError."""
    country, _, part = text.partition("-")
    known = _places()
    if country not in known:
        raise HoursError(f"no holidays are known for {country!r}; write a country like DE or DE-BE")
    if part and part not in known[country]:
        near = difflib.get_close_matches(part, known[country], n=1, cutoff=0.1)
        hint = f"; did you mean {country}-{near[0]}?" if near else ""
        raise HoursError(f"no holidays are known for {text!r}{hint}")
    return text


def holidays_of(place: str, year: int) -> frozenset[date]:
    """Return the public holidays of a known place in a year."""
    country, _, part = place.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))


@lru_cache(maxsize=1)
def _places() -> dict[str, list[str]]:
    return holidays.list_supported_countries()


def _minutes(hour: str, minute: str) -> int:
    minutes = int(hour) * 60 + int(minute)
    if int(minute) >= 60 or minutes > WHOLE_DAY:  # noqa: PLR2004 -- minutes of an hour
        raise HoursError("expected hours from 00:00 to 24:00")
    return minutes
