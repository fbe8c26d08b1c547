"""What is odd about policies without being wrong: dead rules, hours at which nobody works.

Pure; ``python -m routing check`` prints what it yields, with file, line and column.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from contracts.calendars import Calendar, CalendarRule, Calendars
from routing.domain.choice import Asking
from routing.domain.rules import RoutingPolicy
from routing.domain.team import EACH, Pool, TeamPolicy

Path = tuple[str | int, ...]

_QUARTER = timedelta(minutes=15)
# A week of winter and one of summer: two zones may change their clocks on different days.
_WEEKS = (datetime(2026, 2, 2, tzinfo=UTC), datetime(2026, 7, 6, tzinfo=UTC))
_WEEK = timedelta(days=7)


class Fault(NamedTuple):
    """Something at a place of one policy; ``kind`` names its file."""

    kind: str
    path: Path
    message: str


def faults(routing: RoutingPolicy, team: TeamPolicy, calendars: Calendars) -> Iterator[Fault]:
    """Yield names that refer to nothing in another file: these are errors."""
    for index, gate in enumerate(routing.gate):
        if gate.tell is not None and gate.tell not in team.people:
            yield Fault("routing", ("gate", index, "tell"), _none(gate.tell, "person", "team"))
    for index, rule in enumerate(routing.rules):
        if rule.to not in team.pools:
            yield Fault("routing", ("rules", index, "to"), _none(rule.to, "pool", "team"))
    for name, rep in team.reps.items():
        if rep.calendar not in calendars.rules:
            message = _none(rep.calendar, "calendar", "calendars")
            yield Fault("team", ("reps", name, "calendar"), message)
    for name, pool in team.pools.items():
        if pool.calendar != EACH and pool.calendar not in calendars.rules:
            message = _none(pool.calendar, "calendar", "calendars")
            yield Fault("team", ("pools", name, "calendar"), message)


def warnings(routing: RoutingPolicy, team: TeamPolicy, calendars: Calendars) -> Iterator[Fault]:
    """Yield rules that are never reached and open hours of a pool at which nobody works.

    Only for policies without ``faults``.
    """
    for key in ("gate", "rules", "nobody_available"):
        yield from _dead(key, getattr(routing, key))
    usual = {name: _usual(rule) for name, rule in calendars.rules.items()}
    for name, pool in team.pools.items():
        gap = _gap(pool, team, usual)
        if gap is not None:
            zone = calendars.rules[pool.calendar].zone
            message = f"nobody of pool {name} is at work on {_shown(gap)} UTC, when it is open"
            yield Fault("team", ("pools", name, "members"), f"{message} (zone {zone})")


def _none(name: str, what: str, file: str) -> str:
    return f"{name!r} is no {what} of {file}.yaml"


def _dead(key: str, rules: Sequence[Asking]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    takes_all: str | None = None
    for index, rule in enumerate(rules):
        path = (key, index, "id")
        text = None if rule.when is None else " ".join(rule.when.text.split())
        if takes_all is not None:
            yield Fault("routing", path, f"never reached: {takes_all} takes all that is left")
        elif text in seen:
            yield Fault("routing", path, f"never reached: {seen[text]} has the same condition")
        if text is None:
            takes_all = takes_all or rule.id
        else:
            seen.setdefault(text, rule.id)


def _usual(rule: CalendarRule) -> Calendar:
    """Return the calendar's week as it is without holidays and single dates."""
    bare: dict[str, object] = {"holidays": (), "closed": (), "open": {}}
    return rule.model_copy(update=bare).calendar if any(rule.week) else rule.calendar


def _gap(pool: Pool, team: TeamPolicy, usual: Mapping[str, Calendar]) -> datetime | None:
    """Return the first quarter of an hour at which the pool is open without anybody."""
    if pool.calendar == EACH:
        return None  # open when one of them is at work
    mine = usual[pool.calendar]
    reps = [usual[team.reps[rep].calendar] for rep in pool.members]
    for begin in _WEEKS:
        for step in range(int(_WEEK / _QUARTER)):
            at = begin + step * _QUARTER
            if mine.is_open(at) and not any(rep.is_open(at) for rep in reps):
                return at
    return None


def _shown(at: datetime) -> str:
    return at.strftime("%a %H:%M")
