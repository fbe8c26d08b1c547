"""The model of config/calendars.yaml: names of calendars, each with zone, hours and days off.

    berlin: {zone: Europe/Berlin, mon-fri: ["09:00-12:30", "13:30-18:00"], holidays: [DE-BE]}

Loaded by routing (its owner) and by each service that hears the policy.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, model_serializer, model_validator
from pydantic_core import PydanticCustomError

from contracts.calendars.hours import DAYS, HoursError, Span, date_of, days_of, place_of, span_of
from contracts.calendars.hours import union as union_of
from contracts.calendars.measure import Calendar
from contracts.calendars.zone import Zone

Out = TypeVar("Out")
Path = tuple[str | int, ...]

_KEYS = ("zone", "holidays", "closed", "open")
_MOST = 1_000


class CalendarRule(BaseModel):
    """One calendar as the policy says it. `calendar` is the measure made of it.

    Days: `mon` to `sun` or `mon-fri`; a day not named is closed. `holidays` names places whose
    public holidays are closed, `closed` lists more dates, `open` gives a date its own hours.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    zone: Zone
    week: tuple[tuple[Span, ...], ...]
    holidays: tuple[str, ...] = ()
    closed: tuple[date, ...] = ()
    open: dict[date, tuple[Span, ...]] = {}

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: object) -> object:
        if not isinstance(given, Mapping) or isinstance(given.get("week"), tuple):
            return given
        rest = {key: value for key, value in given.items() if days_of(str(key)) is None}
        for key in rest:
            if key not in _KEYS:
                raise _wrong(
                    (str(key),), f"unknown key; known here: {', '.join(_KEYS)}, mon, mon-fri"
                )
        return rest | {
            "week": _week(given),
            "holidays": _each(("holidays",), rest.get("holidays", []), place_of),
            "closed": _each(("closed",), rest.get("closed", []), date_of),
            "open": _special(rest.get("open", {})),
        }

    @model_validator(mode="after")
    def _opens_ever(self) -> "CalendarRule":
        if not any(self.week) and not any(self.open.values()):
            raise PydanticCustomError("closed", "this calendar is never open: give a day its hours")
        return self

    @model_serializer
    def _written(self) -> dict[str, Any]:
        """Write the policy's own form, one key a day, so that a version's hash is stable."""
        days = {DAYS[i]: [_text(s) for s in spans] for i, spans in enumerate(self.week) if spans}
        return {
            "zone": self.zone,
            **days,
            "holidays": list(self.holidays),
            "closed": [str(day) for day in self.closed],
            "open": {str(day): [_text(s) for s in spans] for day, spans in self.open.items()},
        }

    @cached_property
    def calendar(self) -> Calendar:
        """The measure of working time that this rule describes."""
        return Calendar(
            ZoneInfo(self.zone),
            self.week,
            places=self.holidays,
            closed=frozenset(self.closed),
            special=self.open,
        )


class Calendars(BaseModel):
    """config/calendars.yaml: every key beside `policy` is the name of a calendar."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, CalendarRule]

    policy: Literal["calendars"]

    @property
    def rules(self) -> Mapping[str, CalendarRule]:
        """The calendars by name."""
        return self.__pydantic_extra__

    def calendar(self, name: str) -> Calendar:
        """Return the measure of a calendar. Raises KeyError for an unknown name."""
        return self.__pydantic_extra__[name].calendar


def _week(given: Mapping[Any, object]) -> tuple[tuple[Span, ...], ...]:
    week: dict[int, tuple[Span, ...]] = {}
    for key, value in given.items():
        for day in days_of(str(key)) or ():
            if day in week:
                raise _wrong((str(key),), f"{DAYS[day]} has its hours already")
            week[day] = _spans((str(key),), value)
    return tuple(week.get(day, ()) for day in range(7))


def _special(given: object) -> dict[date, tuple[Span, ...]]:
    if not isinstance(given, Mapping) or len(given) > _MOST:
        raise _wrong(("open",), 'expected dates with their hours: {2026-12-24: ["09:00-12:00"]}')
    return {
        _one(("open", str(day)), str(day), date_of): _spans(("open", str(day)), spans)
        for day, spans in given.items()
    }


def _spans(path: Path, given: object) -> tuple[Span, ...]:
    return union_of(_each(path, given, span_of))


def _each(path: Path, given: object, read: Callable[[str], Out]) -> tuple[Out, ...]:
    if not isinstance(given, list | tuple) or len(given) > _MOST:
        raise _wrong(path, f"expected a list of at most {_MOST} entries, in [ ]")
    return tuple(_one((*path, index), value, read) for index, value in enumerate(given))


def _one(path: Path, value: object, read: Callable[[str], Out]) -> Out:
    try:
        return read(value if isinstance(value, str) else "")
    except HoursError as error:
        raise _wrong(path, str(error)) from None


def _wrong(path: Path, reason: str) -> PydanticCustomError:
    return PydanticCustomError("calendar", "{reason}", {"reason": reason, "path": path})


def _text(span: Span) -> str:
    (begin, end) = span
    return f"{begin // 60:02d}:{begin % 60:02d}-{end // 60:02d}:{end % 60:02d}"
