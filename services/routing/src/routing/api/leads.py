"""GET /v1/leads and /v1/leads/{lead}: who holds which lead, and at which stage it is."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from chassis.http.cursors import Cursor, Cursors, Limit, Page
from chassis.http.masking import seen_by
from chassis.http.principal import Principal
from chassis.http.routes import Router
from contracts.event import Mode
from contracts.events.kinds import Stage
from contracts.facts import Facts
from contracts.person import Person
from contracts.reasons import UnroutedReason
from routing import store
from routing.api.lookup import Reader, lead_named
from routing.domain.activity import kinds_at
from routing.domain.state import Assigned, Waiting

if TYPE_CHECKING:
    from chassis.runtime import Runtime

_LIST = "routing.leads"
NOBODY = "none"


class LeadView(BaseModel):
    """A lead as routing knows it. Personal fields are masked without the scope person."""

    lead_id: UUID
    stage: Stage
    cycle: int
    mode: Mode
    owner: str | None
    assignment: Assigned | None
    waiting: Waiting | None
    unrouted: UnroutedReason | None
    unqualified_at: datetime | None
    facts: Facts
    person: dict[str, Any]
    possible: tuple[str, ...]
    """Kinds of activity that may be reported now."""
    changed_at: datetime


def leads_router(runtime: "Runtime") -> APIRouter:
    """Return the routes."""
    router = Router(prefix="/v1/leads", tags=["leads"])
    cursors = Cursors(runtime.settings.secret)

    @router.get("", name="leads")
    async def listed(
        who: Reader,
        owner: str | None = None,
        stage: Stage | None = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[LeadView]:
        """Leads, last changed first; ``owner=none``: those that nobody holds."""
        place = None
        if cursor is not None:
            place = cursors.decode(_LIST, cursor, tuple[datetime, UUID])
        wanted = store.Wanted(
            owner=None if owner == NOBODY else owner,
            unowned=owner == NOBODY,
            stage=stage,
            before=place,
            limit=limit,
        )
        async with runtime.database.transaction() as tx:
            rows = await store.leads(tx, wanted)
        shown, more = rows[:limit], len(rows) > limit
        after = None
        if more:
            after = cursors.encode(_LIST, (shown[-1].changed_at, shown[-1].lead.lead_id))
        return Page(items=[view(row, who) for row in shown], next=after)

    @router.get("/{lead}", name="lead")
    async def one(who: Reader, lead: UUID) -> LeadView:
        """One lead, by its id or that of one of its touches."""
        return view(await lead_named(runtime, lead), who)

    return router


def view(row: store.LeadRow, who: Principal) -> LeadView:
    """Return a lead as this caller may see it."""
    lead = row.lead
    return LeadView(
        lead_id=lead.lead_id,
        stage=lead.stage,
        cycle=lead.cycle,
        mode=lead.mode,
        owner=None if lead.owner is None else lead.owner.rep_id,
        assignment=lead.assigned,
        waiting=lead.waiting,
        unrouted=lead.unrouted,
        unqualified_at=lead.unqualified_at,
        facts=lead.facts,
        person=_shown(row.person, who),
        possible=kinds_at(lead.stage),
        changed_at=row.changed_at,
    )


def _shown(person: Person, who: Principal) -> dict[str, Any]:
    return seen_by(who, person).model_dump(mode="json", exclude_defaults=True)
