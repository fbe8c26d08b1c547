"""Working time is a measure: it adds up, and a deadline is where it has been worked off."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.calendars import Calendar, NeverOpenError
from contracts.calendars.hours import Span, union

STEP = timedelta(minutes=15)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
)
# Nights on which clocks change in these zones, a date that Apia never had, and New Year.
NIGHTS = (
    datetime(2026, 3, 29, tzinfo=UTC),
    datetime(2026, 10, 25, tzinfo=UTC),
    datetime(2026, 3, 8, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 12, tzinfo=UTC),
    datetime(2026, 10, 3, 12, tzinfo=UTC),
    datetime(2011, 12, 30, tzinfo=UTC),
    datetime(2026, 12, 31, 18, tzinfo=UTC),
)

_spans = st.tuples(st.integers(0, 95), st.integers(1, 96)).map(
    lambda span: (span[0], min(96, span[0] + span[1]))
)
_days = st.lists(_spans, max_size=3).map(
    lambda spans: union((begin * 15, end * 15) for begin, end in spans)
)
weeks = st.lists(_days, min_size=7, max_size=7).map(
    lambda days: days if any(days) else [*days[:6], ((0, 15),)]
)
calendars = st.builds(Calendar, st.sampled_from(ZONES).map(ZoneInfo), weeks)
instants = st.builds(
    lambda night, steps: night + steps * STEP, st.sampled_from(NIGHTS), st.integers(-200, 200)
)
works = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=20))


def by_stepping(calendar: Calendar, begin: datetime, end: datetime) -> timedelta:
    """Count quarters of an hour at whose beginning the wall clock shows an open one."""
    steps = (end - begin) // STEP
    return STEP * sum(shown_open(calendar, begin + n * STEP) for n in range(steps))


def shown_open(calendar: Calendar, at: datetime) -> bool:
    wall = at.astimezone(calendar._zone)
    minute = wall.hour * 60 + wall.minute
    return any(begin <= minute < end for begin, end in calendar._week[wall.weekday()])


@given(calendars, instants, st.integers(0, 300))
def test_work_is_what_stepping_along_the_wall_clock_counts(
    calendar: Calendar, begin: datetime, steps: int
) -> None:
    end = begin + steps * STEP
    assert calendar.work(begin, end) == by_stepping(calendar, begin, end)
    assert calendar.is_open(begin) == shown_open(calendar, begin)


@given(calendars, instants, instants, instants)
def test_work_adds_up_and_never_shrinks(
    calendar: Calendar, a: datetime, b: datetime, c: datetime
) -> None:
    a, b, c = sorted([a, b, c])
    assert calendar.work(a, b) + calendar.work(b, c) == calendar.work(a, c)
    assert timedelta(0) <= calendar.work(a, b) <= b - a
    assert calendar.work(b, a) == -calendar.work(a, b)


@given(calendars, instants, works)
def test_the_work_until_a_deadline_is_the_work_asked_for(
    calendar: Calendar, begin: datetime, work: timedelta
) -> None:
    deadline = calendar.deadline(begin, work)
    assert calendar.work(begin, deadline) == work
    if work:
        earlier = deadline - timedelta(microseconds=1)
        assert calendar.work(begin, earlier) < work


@given(calendars, instants, works, works)
def test_more_work_is_never_due_earlier(
    calendar: Calendar, begin: datetime, one: timedelta, other: timedelta
) -> None:
    less, more = sorted([one, other])
    assert calendar.deadline(begin, less) <= calendar.deadline(begin, more)


@given(calendars, instants)
def test_the_next_open_instant_is_the_first_one(calendar: Calendar, at: datetime) -> None:
    opens = calendar.next_open(at)
    assert opens >= at
    assert calendar.is_open(opens)
    assert calendar.work(at, opens) == timedelta(0)


def week(weekdays: Span, saturday: Span | None = None) -> list[list[Span]]:
    return [[weekdays]] * 5 + [[saturday] if saturday else [], []]


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"))


NINE_TO_SIX = Calendar(ZoneInfo("Europe/Berlin"), week((540, 1080)))


def test_two_hours_from_saturday_evening_are_due_on_monday_at_eleven() -> None:
    due = NINE_TO_SIX.deadline(berlin("2026-11-07T17:30"), timedelta(hours=2))
    assert due == berlin("2026-11-09T11:00")


def test_four_hours_over_a_short_monday_are_due_on_tuesday_at_ten() -> None:
    days: list[list[Span]] = [[(540, 720)], *[[(540, 1080)]] * 4, [], []]
    calendar = Calendar(ZoneInfo("Europe/Berlin"), days)
    due = calendar.deadline(berlin("2026-11-06T18:00"), timedelta(hours=4))
    assert due == berlin("2026-11-10T10:00")


def test_a_deadline_at_closing_time_is_that_evening_and_not_the_next_morning() -> None:
    due = NINE_TO_SIX.deadline(berlin("2026-11-06T16:00"), timedelta(hours=2))
    assert due == berlin("2026-11-06T18:00")
    assert not NINE_TO_SIX.is_open(due)
    assert NINE_TO_SIX.next_open(due) == berlin("2026-11-09T09:00")


def test_a_night_watch_works_the_hour_that_comes_twice_twice() -> None:
    days: list[list[Span]] = [[(0, 1440)]] * 7
    calendar = Calendar(ZoneInfo("Europe/Berlin"), days)
    autumn = calendar.work(berlin("2026-10-25T00:00"), berlin("2026-10-26T00:00"))
    spring = calendar.work(berlin("2026-03-29T00:00"), berlin("2026-03-30T00:00"))
    assert (autumn, spring) == (timedelta(hours=25), timedelta(hours=23))


def test_holidays_and_closed_dates_do_not_count_and_special_dates_do() -> None:
    calendar = Calendar(
        ZoneInfo("Europe/Berlin"),
        week((540, 1080)),
        places=["DE-BE"],
        closed=frozenset({date(2026, 12, 28)}),
        special={date(2026, 12, 25): [(600, 660)]},
    )
    assert calendar.work(berlin("2026-12-25T00:00"), berlin("2026-12-29T00:00")) == timedelta(
        hours=1
    )
    assert not calendar.is_open(berlin("2026-10-03T10:00"))
    assert not calendar.is_open(berlin("2026-03-08T10:00"))


def test_a_calendar_that_never_opens_says_so() -> None:
    empty = Calendar(ZoneInfo("UTC"), [[]] * 7)
    with pytest.raises(NeverOpenError):
        empty.deadline(NIGHTS[0], timedelta(hours=1))
    with pytest.raises(NeverOpenError):
        empty.next_open(NIGHTS[0])
    assert empty.work(NIGHTS[2], NIGHTS[0]) == timedelta(0)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        NINE_TO_SIX.is_open(datetime(2026, 11, 6, 10))  # noqa: DTZ001 -- what is refused
    with pytest.raises(ValueError, match="not negative"):
        NINE_TO_SIX.deadline(NIGHTS[0], timedelta(hours=-1))
