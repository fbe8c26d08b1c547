"""The door for people: how clocks stand, and which promises were broken. Reads only.

Made by app for each process; what it lists is written by the step `clocks`.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from chassis.database import Database, Row
from chassis.http.access import needs
from chassis.http.cursors import Cursor, Cursors, Limit, Page
from chassis.http.principal import Principal, Scope
from chassis.http.routes import Router
from chassis.settings import Settings
from contracts.event import Mode
from contracts.events.kinds import ClockTime
from contracts.reasons import ClockReason
from sla_monitor import store
from sla_monitor.domain.state import ClockState

Reader = Annotated[Principal, needs(Scope.READ)]
_Place = tuple[datetime, UUID]


class ClockView(BaseModel):
    """One clock. Instants are in UTC."""

    clock_id: UUID
    lead_id: UUID
    cycle: int
    target: str
    state: ClockState
    mode: Mode
    policy_id: str
    rep_id: str | None
    rep_name: str | None
    pool: str | None
    calendar: str | None
    """The calendar that it runs by; none on wall time."""
    time: ClockTime
    starts_at: datetime
    deadline: datetime
    met_at: datetime | None
    breached_at: datetime | None
    """When the breach was judged; stays when it was withdrawn."""
    withdrawn: bool
    """Whether a contact that came to be known late took the breach back."""
    ended_at: datetime | None
    ended_by: ClockReason | None


class BreachView(ClockView):
    """One clock that broke its promise."""

    lateness_seconds: float
    """From the deadline to the instant at which it was judged."""


def router(database: Database, settings: Settings) -> APIRouter:
    """Return the routes."""
    routes = Router(prefix="/v1", tags=["clocks"])
    cursors = Cursors(settings.secret)

    @routes.get("/clocks")
    async def clocks(
        _: Reader,
        lead: UUID | None = None,
        state: ClockState | None = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[ClockView]:
        """Clocks, of all leads or one, the earliest deadline first."""
        after = None if cursor is None else cursors.decode("clocks", cursor, tuple[datetime, UUID])
        async with database.transaction() as tx:
            found = await store.clocks(
                tx, lead=lead, state=state and state.value, after=after, limit=limit + 1
            )
        more = _place(found[limit - 1], "deadline") if len(found) > limit else None
        items = [ClockView(**dict(row)) for row in found[:limit]]
        return Page(items=items, next=more and cursors.encode("clocks", more))

    @routes.get("/breaches")
    async def breaches(
        _: Reader, lead: UUID | None = None, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[BreachView]:
        """Broken promises, the latest judged first; withdrawn ones are marked."""
        after = (
            None if cursor is None else cursors.decode("breaches", cursor, tuple[datetime, UUID])
        )
        async with database.transaction() as tx:
            found = await store.breaches(tx, lead=lead, after=after, limit=limit + 1)
        more = _place(found[limit - 1], "breached_at") if len(found) > limit else None
        items = [BreachView(**dict(row), lateness_seconds=_lateness(row)) for row in found[:limit]]
        return Page(items=items, next=more and cursors.encode("breaches", more))

    return routes


def _place(row: Row, column: str) -> _Place:
    return row[column], row["clock_id"]


def _lateness(row: Row) -> float:
    seconds: float = (row["breached_at"] - row["deadline"]).total_seconds()
    return seconds
