"""config/sla.yaml as values: which promise a lead falls under and how its time is counted.

Read by settings (files) and consumer (published content). A key that is not built is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.amounts import Before, Duration, Mark
from contracts.calendars import Calendar, Calendars
from contracts.conditions import Condition, May
from contracts.events.kinds import ClockTime
from contracts.facts import Facts

FIRST_CONTACT = "first_contact"

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,49}$")]
_When = Annotated[Condition, May("lead", "company", "touch", "custom")]


class WhichCalendar(StrEnum):
    """Whose working hours a clock counts."""

    POOL = "pool"
    """Those of the pool that the owner was taken from."""
    REP = "rep"
    """The owner's own."""


class StartsFrom(StrEnum):
    """Where a clock starts."""

    MQL = "mql"
    """When the lead became an MQL in this cycle."""
    ASSIGNMENT = "assignment"
    """When a rep got the lead."""


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Target(_Written):
    """One promise: so much time, counted how, from when, with which warnings."""

    within: Duration
    time: ClockTime
    calendar: WhichCalendar | None = None
    starts: StartsFrom = Field(alias="from")
    warn: tuple[Mark, ...] = Field((), max_length=10)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.time is ClockTime.WORKING and self.calendar is None:
            raise _wrong(("time",), "working time needs a calendar: say pool or rep")
        if self.time is ClockTime.WALL and self.calendar is not None:
            raise _wrong(("calendar",), "wall time has no calendar: leave it out or say working")
        for index, mark in enumerate(self.warn):
            if mark in self.warn[:index]:
                raise _wrong(("warn", index), f"{mark} stands here twice")
            if not timedelta(0) < self.runs_for(mark) < self.within.span:
                raise _wrong(
                    ("warn", index), f"a warning comes before {self.within} are over, after 0s"
                )
        return self

    def runs_for(self, mark: Mark) -> timedelta:
        """Return how much of the clock's time has run at a warning; may be negative."""
        if isinstance(mark, Before):
            return self.within.span - mark.distance.span
        return mark.of(self.within.span)


class Targets(_Written):
    """The promises of one policy by the name of the target."""

    first_contact: Target

    @property
    def named(self) -> tuple[tuple[str, Target], ...]:
        """The promises with their names."""
        return ((FIRST_CONTACT, self.first_contact),)


class SalesPolicy(_Written):
    """What sales promises to the leads that match."""

    id: _Name
    when: _When | None = None
    targets: Targets


class SlaPolicy(_Written):
    """The whole of sla.yaml. The first policy that matches a lead holds."""

    policy: Literal["sla"]
    sales: tuple[SalesPolicy, ...] = Field(max_length=200)

    @model_validator(mode="after")
    def _takes_every_lead(self) -> Self:
        seen: set[str] = set()
        for index, each in enumerate(self.sales):
            if each.id in seen:
                raise _wrong(("sales", index, "id"), f"{each.id} stands here twice")
            seen.add(each.id)
            if each.when is None and index + 1 < len(self.sales):
                raise _wrong(
                    ("sales", index), "takes every lead, so no policy after it is asked: move it"
                )
        if not self.sales:
            raise _wrong(("sales",), "expected at least one policy, the last without a condition")
        if self.sales[-1].when is not None:
            raise _wrong(
                ("sales", len(self.sales) - 1),
                'the last policy has no "when": it takes all that is left',
            )
        return self

    def canonical(self) -> dict[str, Any]:
        """Return what is published and hashed."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


@dataclass(frozen=True, slots=True)
class Promises:
    """All that a decision reads of policies: the promises, the hours and their versions."""

    sla: SlaPolicy
    calendars: Calendars
    hashes: Mapping[str, str]

    @classmethod
    def build(cls, contents: Mapping[str, Any], hashes: Mapping[str, str]) -> "Promises":
        """Return the promises of published contents of the kinds ``sla`` and ``calendars``."""
        return cls(
            SlaPolicy.model_validate(contents["sla"]),
            Calendars.model_validate(contents["calendars"]),
            dict(hashes),
        )

    def holding(self, facts: Facts) -> SalesPolicy:
        """Return the first policy that a lead with these facts meets; an unknown is not met."""
        return next(
            each for each in self.sla.sales if each.when is None or each.when.ask(facts).met
        )

    def calendar(self, name: str | None) -> Calendar | None:
        """Return the hours of that name; None where there is no such calendar."""
        rule = self.calendars.rules.get(name) if name is not None else None
        return None if rule is None else rule.calendar

    def after(self, calendar: str | None, begin: datetime, span: timedelta) -> datetime:
        """Return the instant at which ``span`` of a clock's time has run since ``begin``."""
        hours = self.calendar(calendar)
        return begin + span if hours is None else hours.deadline(begin, span)

    def between(self, calendar: str | None, begin: datetime, end: datetime) -> timedelta:
        """Return how much of a clock's time ran from ``begin`` to ``end``, never negative."""
        hours = self.calendar(calendar)
        return max(end - begin if hours is None else hours.work(begin, end), timedelta(0))


def _wrong(path: tuple[str | int, ...], reason: str) -> PydanticCustomError:
    return PydanticCustomError("sla", "{reason}", {"reason": reason, "path": path})
