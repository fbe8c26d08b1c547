"""Who of a pool is at work at an instant, and when somebody will be.

A rep is available while both the pool and the rep are open. Pure; choice.py asks.
"""

from datetime import datetime

from contracts.calendars import Calendar, NeverOpenError
from contracts.reasons import CandidateReason
from routing.domain.rulebook import Rulebook
from routing.domain.team import EACH, Pool

_STEPS = 400
"""After so many openings without a common hour two calendars are taken to have none."""


def is_open(book: Rulebook, calendar: str, now: datetime) -> bool:
    """Tell whether a calendar is open; one that nobody knows never is."""
    known = book.calendars.get(calendar)
    return known is not None and known.is_open(now)


def absence(book: Rulebook, pool: Pool, rep: str, now: datetime) -> CandidateReason | None:
    """Return why a member gets nothing now; None: the rep is available."""
    if rep not in book.team.reps:
        return CandidateReason.INACTIVE
    open_pool = pool.calendar == EACH or is_open(book, pool.calendar, now)
    if open_pool and is_open(book, book.team.reps[rep].calendar, now):
        return None
    return CandidateReason.OUTSIDE_HOURS


def opens_at(book: Rulebook, pool: Pool, now: datetime) -> datetime | None:
    """Return the first instant from now on at which a member is available; None: never."""
    found = [_both_open(book, pool, rep, now) for rep in pool.members]
    return min((each for each in found if each is not None), default=None)


def _both_open(book: Rulebook, pool: Pool, rep: str, now: datetime) -> datetime | None:
    names = [] if pool.calendar == EACH else [pool.calendar]
    known = book.team.reps.get(rep)
    needed = [book.calendars.get(name) for name in (*names, known.calendar if known else "")]
    calendars = [each for each in needed if each is not None]
    if len(calendars) != len(needed):
        return None
    return _meet(calendars, now)


def _meet(calendars: list[Calendar], begin: datetime) -> datetime | None:
    at = begin
    try:
        for _ in range(_STEPS):
            opening = max(calendar.next_open(at) for calendar in calendars)
            if all(calendar.is_open(opening) for calendar in calendars):
                return opening
            at = opening
    except NeverOpenError:
        return None
    return None
