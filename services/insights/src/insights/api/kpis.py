"""/v1/kpis: how many leads reached which stage, how fast, and which promises were kept."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from chassis.database import Database, Row, Tx
from chassis.http.access import needs
from chassis.http.principal import Principal, Scope
from chassis.http.problem import FieldError, Problem, ProblemKind
from chassis.http.routes import Router
from insights.domain.figures import EXITS, FUNNEL
from insights.store import reading

Reader = Annotated[Principal, needs(Scope.READ)]
First = Annotated[date | None, Query(alias="from", description="The first day, UTC.")]
Until = Annotated[date | None, Query(description="The first day after, UTC.")]
_FIRST_DAY = date(1970, 1, 1)
_LAST_DAY = date(9999, 1, 1)


class Count(BaseModel):
    """How many leads reached a stage; once a lead and cycle."""

    stage: str
    label: str
    count: int


class Day(BaseModel):
    """The counts of one day in UTC."""

    day: date
    counts: dict[str, int]


class Speed(BaseModel):
    """Medians over leads; none where there is no lead to count."""

    seconds_to_owner: float | None
    """From the touch's receipt to the handover."""
    seconds_to_contact: float | None
    """From the touch's receipt to the first contact by a person."""
    contacted: int


class Promises(BaseModel):
    """Clocks whose deadline lies in the span."""

    clocks: int
    met_in_time: int
    breached: int
    withdrawn: int
    """Breaches taken back: the contact was in time and came to be known late."""


class SpamCount(BaseModel):
    """Touches of one day (UTC) and source that bear one sign; one with two signs stands in both."""

    day: date
    source: str
    sign: str
    touches: int
    stopped: int
    """How many of them went no further."""


class SpamKpis(BaseModel):
    """Touches with signs of spam; those that were stopped are no leads."""

    stopped: int
    """Touches that went no further, each once."""
    signs: list[SpamCount]


class Kpis(BaseModel):
    """Figures of live leads; what test and historical leads do is not counted."""

    funnel: list[Count]
    exits: list[Count]
    speed: Speed
    promises: Promises
    spam: SpamKpis
    days: list[Day] | None = None


def router(database: Database) -> APIRouter:
    """Return the route."""
    routes = Router(prefix="/v1", tags=["figures"])

    @routes.get("/kpis")
    async def kpis(
        _: Reader,
        first: Annotated[
            date | None, Query(alias="from", description="The first day, UTC.")
        ] = None,
        until: Annotated[date | None, Query(description="The first day after, UTC.")] = None,
        by: Literal["day"] | None = None,
    ) -> Kpis:
        """Counts by stage, speed to lead and promises; of all time, or of some days."""
        since, end = _midnight(first or _FIRST_DAY), _midnight(until or _LAST_DAY)
        if end < since:
            wrong = FieldError("until", "must not lie before from")
            raise Problem(ProblemKind.INVALID, "The span ends before it begins.", errors=[wrong])
        async with database.transaction() as tx:
            rows = await reading.counts(tx, since, end, by_day=by == "day")
            speeds = await reading.speeds(tx, since, end)
            kept = await reading.kept(tx, since, end)
            spam = await _spam(tx, since, end)
        totals: dict[str, int] = {}
        for row in rows:
            totals[row["what"]] = totals.get(row["what"], 0) + row["n"]
        return Kpis(
            funnel=[_count(what.value, label, totals) for what, label in FUNNEL.items()],
            exits=[_count(what.value, what.value, totals) for what in EXITS],
            speed=Speed(
                seconds_to_owner=speeds["owner"],
                seconds_to_contact=speeds["contact"],
                contacted=speeds["contacted"],
            ),
            promises=Promises(**dict(kept)),
            spam=spam,
            days=_days(rows) if by == "day" else None,
        )

    return routes


async def _spam(tx: Tx, since: datetime, until: datetime) -> SpamKpis:
    rows = await reading.spam(tx, since, until)
    return SpamKpis(
        stopped=await reading.spam_stopped(tx, since, until),
        signs=[SpamCount(**dict(row)) for row in rows],
    )


def _count(stage: str, label: str, totals: dict[str, int]) -> Count:
    return Count(stage=stage, label=label, count=totals.get(stage, 0))


def _days(rows: Iterable[Row]) -> list[Day]:
    days: dict[date, dict[str, int]] = {}
    for row in rows:
        days.setdefault(row["day"], {})[row["what"]] = row["n"]
    return [Day(day=day, counts=counts) for day, counts in days.items()]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
