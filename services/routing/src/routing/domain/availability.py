"""Who of a pool is at work at an instant, and when somebody will be.

A rep is available while both the pool and the rep are open. Pure; choice.py asks.
"""

from collections.abc import Collection, Mapping
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


def absences(book: Rulebook, pool: Pool, now: datetime) -> Mapping[str, CandidateReason | None]:
    """Return for each member why it gets nothing now; None: the rep is available."""
    names = {rep.calendar for name in pool.members if (rep := book.team.reps.get(name))}
    if pool.calendar != EACH and not is_open(book, pool.calendar, now):
        names = set()
    at_work = {name for name in names if is_open(book, name, now)}
    return {name: _absence(book, name, at_work) for name in pool.members}


def _absence(book: Rulebook, rep: str, at_work: Collection[str]) -> CandidateReason | None:
    known = book.team.reps.get(rep)
    if known is None:
        return CandidateReason.INACTIVE
    return None if known.calendar in at_work else CandidateReason.OUTSIDE_HOURS


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
