"""The operators' routes of every service: parked messages, lanes, verification, the clock.

``admin_router`` is given the runtime as ``Operations``. All under /v1/admin/{service}, all with
the scope admin; bodies of messages are never shown, they may hold a person.
"""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict

from chassis.http.access import needs
from chassis.http.cursors import Cursor, Cursors, Limit, Page
from chassis.http.operations import (
    Lane,
    Operations,
    ParkedMessage,
    ParkedState,
    Refused,
    Verification,
)
from chassis.http.principal import Principal, Scope
from chassis.http.problem import Problem, ProblemKind
from chassis.http.routes import Router
from chassis.settings import Settings

R = TypeVar("R")
Admin = Annotated[Principal, needs(Scope.ADMIN)]

_PARKED = "parked"


class Resume(BaseModel):
    """How a stopped lane goes on."""

    model_config = ConfigDict(extra="forbid")

    accept_gap: bool = False
    """A person's decision to go on although records are missing."""


class MoveClock(BaseModel):
    """Where the simulated clock goes."""

    model_config = ConfigDict(extra="forbid")

    to: AwareDatetime


class ClockView(BaseModel):
    """The installation's clock."""

    now: datetime
    simulated: bool


def admin_router(operations: Operations, settings: Settings) -> APIRouter:
    """Return the routes of one service."""
    router = Router(prefix=f"/v1/admin/{settings.service}", tags=["admin"])
    _parked_routes(router, operations, Cursors(settings.secret))
    _lane_routes(router, operations)
    _verify_routes(router, operations)
    _clock_routes(router, operations, settings)
    return router


def _parked_routes(router: APIRouter, operations: Operations, cursors: Cursors) -> None:
    @router.get("/parked")
    async def parked(
        _: Admin,
        state: Annotated[ParkedState | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[ParkedMessage]:
        """Messages that were put aside, oldest first."""
        after = (
            cursors.decode(_PARKED, cursor, tuple[datetime, UUID]) if cursor is not None else None
        )
        page = await operations.parked(state, after, limit)
        following = cursors.encode(_PARKED, page.after) if page.after is not None else None
        return Page(items=list(page.items), next=following)

    @router.get("/parked/{parked_id}")
    async def parked_one(_: Admin, parked_id: UUID) -> ParkedMessage:
        """One message: where it came from and why it was put aside."""
        return await _asked(operations.parked_one(parked_id))

    @router.post("/parked/{parked_id}/retry", status_code=202)
    async def retry(who: Admin, parked_id: UUID) -> ParkedMessage:
        """Hand a message to its lane's owner again."""
        return await _asked(operations.retry(parked_id, who))


def _lane_routes(router: APIRouter, operations: Operations) -> None:
    @router.get("/lanes")
    async def lanes(_: Admin) -> Page[Lane]:
        """Every lane as this instance sees it."""
        return Page(items=list(await operations.lanes()), next=None)

    @router.get("/lanes/{step}/{lane}")
    async def lane_one(_: Admin, step: str, lane: int) -> Lane:
        """One lane: its state, positions and what is left to publish."""
        return await _asked(operations.lane(step, lane))

    @router.post("/lanes/{step}/{lane}/resume")
    async def resume(who: Admin, step: str, lane: int, how: Resume) -> Lane:
        """Let a stopped lane go on."""
        return await _asked(operations.resume(step, lane, accept_gap=how.accept_gap, who=who))


def _verify_routes(router: APIRouter, operations: Operations) -> None:
    @router.post("/verify", status_code=202)
    async def verify(who: Admin) -> Verification:
        """Begin to re-derive every recorded decision; if that runs already, return that job."""
        return await _asked(operations.verify(who))

    @router.get("/verify/{job}")
    async def verification(_: Admin, job: UUID) -> Verification:
        """How far a job is, and what differs."""
        return await _asked(operations.verification(job))

    @router.delete("/verify/{job}")
    async def cancel(who: Admin, job: UUID) -> Verification:
        """Stop a job."""
        return await _asked(operations.cancel_verification(job, who))


def _clock_routes(router: APIRouter, operations: Operations, settings: Settings) -> None:
    simulated = settings.clock == "simulated"

    @router.get("/clock")
    async def clock(_: Admin) -> ClockView:
        """What the installation's clock says."""
        return ClockView(now=await _asked(operations.clock()), simulated=simulated)

    @router.post("/clock")
    async def move_clock(who: Admin, move: MoveClock) -> ClockView:
        """Move the simulated clock forward, once everything before is done."""
        if settings.production or not simulated:
            raise Problem(
                ProblemKind.CONFLICT,
                "This installation runs on the real clock.",
                way_out="Simulations run in development mode with BATON_CLOCK=simulated.",
            )
        now = await _asked(operations.move_clock(move.to, who))
        return ClockView(now=now, simulated=True)


async def _asked(answer: Awaitable[R]) -> R:
    """Await the runtime and make problems of what it refuses."""
    try:
        return await answer
    except LookupError:
        raise Problem(ProblemKind.NOT_FOUND, "This service has no such thing.") from None
    except Refused as refused:
        raise Problem(ProblemKind.CONFLICT, str(refused)) from None
