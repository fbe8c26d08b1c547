"""/v1/admin/ingest/fetches and …/sources/{id}/backfill: leads that platforms only point at.

Operators see what waits and why, ask for another try, and ask a platform for what it never told.
"""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict

from chassis.http import audit
from chassis.http.access import needs
from chassis.http.cursors import Cursor, Cursors, Limit, Page
from chassis.http.principal import Principal, Scope
from chassis.http.problem import FieldError, Problem, ProblemKind
from chassis.http.routes import Router
from contracts.amounts import AmountError, Duration
from ingest.api.answers import Desk
from ingest.domain.kinds import KINDS
from ingest.domain.source import Source
from ingest.store import backfills, fetches
from ingest.store.backfills import Backfill
from ingest.store.fetches import Fetch, FetchState

Admin = Annotated[Principal, needs(Scope.ADMIN)]

_LIST = "fetches"
_LONGEST = timedelta(days=365)


class Since(BaseModel):
    """From when on a platform is asked."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime | str
    """An instant, or a span before now like ``3d``."""


def fetching_router(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = Router(prefix="/v1/admin/ingest", tags=["sources"])
    _fetch_routes(router, desk, Cursors(desk.settings.secret))
    _backfill_routes(router, desk)
    return router


def _fetch_routes(router: APIRouter, desk: Desk, cursors: Cursors) -> None:
    @router.get("/fetches")
    async def fetches_list(
        _: Admin,
        source: Annotated[str | None, Query(max_length=100)] = None,
        state: Annotated[FetchState | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[Fetch]:
        """Leads to fetch from platforms, oldest first: what waits, and what hinders it."""
        after = 0 if cursor is None else cursors.decode(_LIST, cursor, tuple[int])[0]
        async with desk.database.transaction() as tx:
            found = await fetches.page(tx, source, state, after, limit + 1)
        more = len(found) > limit
        following = cursors.encode(_LIST, (found[limit - 1].id,)) if more else None
        return Page(items=list(found[:limit]), next=following)

    @router.post("/fetches/{fetch_id}/retry", status_code=202)
    async def retry(who: Admin, fetch_id: int) -> Fetch:
        """Try again now, also what was given up."""
        async with desk.database.transaction() as tx:
            found = await fetches.retry(tx, fetch_id)
            if found is None:
                raise Problem(
                    ProblemKind.NOT_FOUND,
                    "No lead with this number waits or was given up.",
                    way_out="List them: GET /v1/admin/ingest/fetches.",
                )
            _require_platform(desk, found.source, await desk.now())
            await audit.record(tx, who, "fetch.retry", str(fetch_id), None, None)
        desk.reception.pointed.set()
        return found


def _backfill_routes(router: APIRouter, desk: Desk) -> None:
    @router.post("/sources/{source_id}/backfill", status_code=202)
    async def ask(who: Admin, source_id: str, asked: Since) -> Backfill:
        """Ask the source's platform for every lead since then; those that are known stay one."""
        _require_list(desk, source_id, await desk.now())
        async with desk.database.transaction() as tx:
            since = _since(asked.since, await fetches.platform_time(tx))
            made = await backfills.ask(tx, source_id, since)
            await audit.record(
                tx, who, "source.backfill", source_id, None, {"since": since.isoformat()}
            )
        return made

    @router.get("/sources/{source_id}/backfill")
    async def last(_: Admin, source_id: str) -> Backfill:
        """Return how far the last asking is."""
        async with desk.database.transaction() as tx:
            found = await backfills.of_source(tx, source_id)
        if found is None:
            _require_platform(desk, source_id, await desk.now())
            raise Problem(ProblemKind.NOT_FOUND, "The source's platform was never asked.")
        return found


def _require_platform(desk: Desk, source_id: str, now: datetime) -> Source:
    """Return a source whose platform can be asked now. Raises Problem."""
    source = desk.sources(now).get(source_id)
    if source is None:
        raise Problem(ProblemKind.NOT_FOUND, "There is no such source.")
    if KINDS[source.kind].fetching is None:
        able = ", ".join(sorted(name for name, kind in KINDS.items() if kind.fetching))
        raise Problem(
            ProblemKind.CONFLICT,
            "The source's kind of sender gives no lead to whoever asks.",
            way_out=f"Kinds that do: {able}.",
        )
    if not source.enabled:
        raise Problem(
            ProblemKind.CONFLICT, "The source is switched off.", way_out="Switch it on first."
        )
    return source


def _require_list(desk: Desk, source_id: str, now: datetime) -> None:
    if not _require_platform(desk, source_id, now).can_list:
        raise Problem(
            ProblemKind.CONFLICT,
            "The source does not say whose leads to ask for.",
            way_out="Name the platform's pages or owner in the source: see docs/sources.md.",
        )


def _since(asked: datetime | str, now: datetime) -> datetime:
    """Return the instant. Raises Problem 422."""
    try:
        since = now - Duration.parse(asked).span if isinstance(asked, str) else asked
    except AmountError:
        raise _wrong("expected an instant with its zone, or a span like 3d") from None
    if not now - _LONGEST <= since <= now:
        raise _wrong("expected an instant of the last 365 days: no platform keeps leads longer")
    return since


def _wrong(expected: str) -> Problem:
    return Problem(
        ProblemKind.INVALID,
        "Since when is not as expected.",
        errors=[FieldError("since", expected)],
    )
