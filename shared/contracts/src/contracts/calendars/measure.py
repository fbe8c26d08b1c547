"""`Calendar`: working time as a measure on the line of time. Pure; all instants aware, in UTC.

An instant is open when the wall clock of the calendar's zone then shows an open hour of that
date. So nights on which clocks change need no rule of their own.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from contracts.calendars.hours import Span, holidays_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MINUTE = 60_000_000
_DAY = 24 * 60 * _MINUTE
_EMPTY_YEARS = 8
_YEARS = range(2, 9998)
_KEPT_YEARS = 64


class NeverOpenError(ValueError):
    """The calendar has no open hour within eight years from there."""


class _Year(NamedTuple):
    """The open intervals of a year's local dates, in microseconds since 1970 UTC, in order.

    `done[i]` is the working time of all intervals before i; it has one entry more.
    """

    begins: Sequence[int]
    ends: Sequence[int]
    done: Sequence[int]

    def until(self, at: int) -> int:
        """Return the year's working time before an instant."""
        index = bisect_right(self.begins, at) - 1
        if index < 0:
            return 0
        return self.done[index] + min(at, self.ends[index]) - self.begins[index]

    def at(self, work: int) -> int:
        """Return the least instant with so much working time before it; 0 < work <= total."""
        index = bisect_left(self.done, work) - 1
        return self.begins[index] + work - self.done[index]


class Calendar:
    """The working time of one calendar.

    `week` holds seven days' spans from Monday, in local minutes; `places` whose public holidays
    are closed; `closed` more dates; `special` dates with their own hours, before all else.
    """

    def __init__(
        self,
        zone: ZoneInfo,
        week: Sequence[Sequence[Span]],
        *,
        places: Sequence[str] = (),
        closed: frozenset[date] = frozenset(),
        special: Mapping[date, Sequence[Span]] | None = None,
    ) -> None:
        self._zone = zone
        self._week = week
        self._places = places
        self._closed = closed
        self._special = special or {}
        self._years: dict[int, _Year] = {}

    def work(self, begin: datetime, end: datetime) -> timedelta:
        """Return the working time from `begin` to `end`; negative when they are the other way."""
        if end < begin:
            return -self.work(end, begin)
        first, last = _at(begin), _at(end)
        done = 0
        for year in range(_year(first - _DAY), _year(last + _DAY) + 1):
            table = self._table(year)
            done += table.until(last) - table.until(first)
        return timedelta(microseconds=done)

    def deadline(self, begin: datetime, work: timedelta) -> datetime:
        """Return the least instant with `work` done since `begin`; `begin` itself for nothing.

        Raises NeverOpenError, and ValueError when `work` is negative.
        """
        wanted = work // _MICROSECOND
        if wanted < 0:
            raise ValueError("working time is not negative")
        if wanted == 0:
            return begin.astimezone(UTC)
        at = _at(begin)
        year, empty = _year(at - _DAY), 0
        while empty < _EMPTY_YEARS and year in _YEARS:
            table = self._table(year)
            before = table.until(at)
            left = table.done[-1] - before
            if wanted <= left:
                return _instant(table.at(before + wanted))
            wanted -= left
            year, empty = year + 1, 0 if left else empty + 1
        raise NeverOpenError(f"no working time within {_EMPTY_YEARS} years: give a day its hours")

    def is_open(self, at: datetime) -> bool:
        """Say whether the calendar is open at an instant; at a closing hour it is closed."""
        moment = _at(at)
        return any(
            index >= 0 and moment < table.ends[index]
            for table in self._around(moment)
            for index in (bisect_right(table.begins, moment) - 1,)
        )

    def next_open(self, at: datetime) -> datetime:
        """Return the least instant from `at` on at which it is open. Raises NeverOpenError."""
        moment = _at(at)
        if self.is_open(at):
            return _instant(moment)
        first = _year(moment - _DAY)
        for year in range(first, min(first + _EMPTY_YEARS, _YEARS.stop)):
            begins = self._table(year).begins
            index = bisect_left(begins, moment)
            if index < len(begins):
                return _instant(begins[index])
        raise NeverOpenError(f"not open within {_EMPTY_YEARS} years: give a day its hours")

    def _around(self, moment: int) -> list[_Year]:
        # A local date of the next or the last year may hold an instant near New Year.
        years = {_year(moment - _DAY), _year(moment + _DAY)}
        return [self._table(year) for year in sorted(years)]

    def _table(self, year: int) -> _Year:
        table = self._years.get(year)
        if table is None:
            if len(self._years) >= _KEPT_YEARS:
                self._years.clear()
            table = self._years[year] = self._made(year)
        return table

    def _made(self, year: int) -> _Year:
        if year not in _YEARS:
            raise ValueError(f"calendars reach from year {_YEARS.start} to {_YEARS.stop - 1}")
        holidays = frozenset[date]().union(*(holidays_of(p, year) for p in self._places))
        off = holidays | self._closed
        segments = _segments(self._zone, year)
        found: list[tuple[int, int]] = []
        midnight = (date(year, 1, 1) - _EPOCH.date()).days * _DAY
        for day in _dates(year):
            for begin, end in self._spans(day, off):
                wall = midnight + begin * _MINUTE, midnight + end * _MINUTE
                found.extend(_in_utc(wall, segments))
            midnight += _DAY
        return _year_of(found)

    def _spans(self, day: date, off: frozenset[date]) -> Sequence[Span]:
        special = self._special.get(day)
        if special is not None:
            return special
        return () if day in off else self._week[day.weekday()]


class _Segment(NamedTuple):
    """A stretch of UTC in which the zone's offset does not change; all in microseconds."""

    begin: int
    end: int
    offset: int


@lru_cache(maxsize=256)
def _segments(zone: ZoneInfo, year: int) -> tuple[_Segment, ...]:
    """Return the stretches that cover all local dates of a year."""
    begin = _at(datetime(year, 1, 1, tzinfo=UTC)) - 2 * _DAY
    end = _at(datetime(year, 12, 31, tzinfo=UTC)) + 3 * _DAY
    days = [(at, _offset(zone, at)) for at in range(begin, end + 1, _DAY)]
    changes = [_change(zone, a, b) for (a, old), (b, new) in pairwise(days) if old != new]
    edges = [begin, *changes, end]
    return tuple(_Segment(left, right, _offset(zone, left)) for left, right in pairwise(edges))


def _change(zone: ZoneInfo, left: int, right: int) -> int:
    """Return the instant within a day at which the offset becomes that of `right`."""
    old = _offset(zone, left)
    while right - left > 1:
        middle = (left + right) // 2
        if _offset(zone, middle) == old:
            left = middle
        else:
            right = middle
    return right


def _in_utc(wall: tuple[int, int], segments: Sequence[_Segment]) -> list[tuple[int, int]]:
    pieces = ((max(wall[0] - s.offset, s.begin), min(wall[1] - s.offset, s.end)) for s in segments)
    return [(begin, end) for begin, end in pieces if begin < end]


def _year_of(found: list[tuple[int, int]]) -> _Year:
    merged: list[list[int]] = []
    for begin, end in sorted(found):
        if merged and begin <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([begin, end])
    begins, ends = [begin for begin, _ in merged], [end for _, end in merged]
    lengths = (end - begin for begin, end in merged)
    return _Year(begins, ends, list(accumulate(lengths, initial=0)))


@lru_cache(maxsize=64)
def _dates(year: int) -> tuple[date, ...]:
    first = date(year, 1, 1)
    return tuple(first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))


def _offset(zone: ZoneInfo, at: int) -> int:
    offset = _instant(at).astimezone(zone).utcoffset() or timedelta(0)
    return offset // _MICROSECOND


def _at(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone: pass an aware datetime in UTC")
    return (instant - _EPOCH) // _MICROSECOND


def _instant(at: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at)


def _year(at: int) -> int:
    return _instant(at).year
