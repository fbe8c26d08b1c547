"""/v1/admin/ingest/sources: sources made, changed and removed, and what each shows of itself.

Operators and `baton sources` call it. Sources of the policy are shown here and changed there.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from chassis.http.access import needs
from chassis.http.cursors import Page
from chassis.http.idempotency import Reply, attempt_of
from chassis.http.principal import Principal, Scope
from chassis.http.routes import Router
from ingest.api import admin_changes
from ingest.api.admin_bodies import ChangedSource, NewSecret, NewSource
from ingest.api.admin_changes import Call
from ingest.api.admin_reading import lines, view
from ingest.api.admin_views import SecretMade, SourceLine, SourceMade, SourceView
from ingest.api.answers import Desk
from ingest.api.sampling import Tried, tried
from ingest.store import counts
from ingest.store.replies import keep_reply, told_before

Admin = Annotated[Principal, needs(Scope.ADMIN)]
SourceId = Annotated[str, Path(max_length=50)]


def admin_router(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = Router(prefix="/v1/admin/ingest/sources", tags=["admin"])
    _reading(router, desk)
    _changing(router, desk)
    _secrets(router, desk)
    _testing(router, desk)
    return router


def _reading(router: APIRouter, desk: Desk) -> None:
    @router.get("", name="sources")
    async def every(_: Admin) -> Page[SourceLine]:
        """Every source, of the policy and of the API: its address, last good touch, today."""
        return Page(items=await lines(desk), next=None)

    @router.get("/{source_id}", name="source")
    async def one(_: Admin, source_id: SourceId) -> SourceView:
        """One source whole: counts of 90 days, the last hundred attempts, its secrets' ages."""
        async with desk.database.transaction() as tx:
            await counts.steady(tx)
            return await view(tx, desk, source_id)


def _changing(router: APIRouter, desk: Desk) -> None:
    @router.post("", name="make a source", status_code=201, response_model=SourceMade)
    async def make(who: Admin, told: NewSource, request: Request) -> Response:
        """Make a source. A secret that is made for it is in this answer, and never again.

        A repeat by its Idempotency-Key gets the source without the secret: add another then.
        """
        reply, secret = await admin_changes.make(await _call(desk, who, request), told)
        return _with_secret(reply, secret)

    @router.patch("/{source_id}", name="change a source", response_model=SourceView)
    async def change(
        who: Admin, source_id: SourceId, told: ChangedSource, request: Request
    ) -> Response:
        """Change a source that the API made; other instances know a second later."""
        reply = await admin_changes.change(await _call(desk, who, request), source_id, told)
        return reply.response()

    @router.delete("/{source_id}", name="remove a source")
    async def remove(who: Admin, source_id: SourceId, request: Request) -> Response:
        """Remove a source that the API made; its counts stay until they are 400 days old."""
        reply = await admin_changes.remove(await _call(desk, who, request), source_id)
        return reply.response()


def _secrets(router: APIRouter, desk: Desk) -> None:
    @router.post(
        "/{source_id}/secrets", name="add a secret", status_code=201, response_model=SecretMade
    )
    async def add(who: Admin, source_id: SourceId, told: NewSecret, request: Request) -> Response:
        """Add a secret beside the one that holds: change the sender, then end the old one."""
        call = await _call(desk, who, request)
        reply, secret = await admin_changes.add_secret(call, source_id, told)
        return _with_secret(reply, secret)

    @router.delete("/{source_id}/secrets/{secret_id}", name="end a secret")
    async def end(who: Admin, source_id: SourceId, secret_id: UUID, request: Request) -> Response:
        """End a secret now."""
        call = await _call(desk, who, request)
        return (await admin_changes.end_secret(call, source_id, secret_id)).response()


def _testing(router: APIRouter, desk: Desk) -> None:
    @router.post("/{source_id}/test", name="test a source", response_model=Tried)
    async def test(who: Admin, source_id: SourceId, request: Request) -> Response:
        """Send a rightly signed sample to the source's public address; the lead is a test."""
        attempt = await attempt_of(request, who)
        before = await told_before(desk.database, attempt)
        if before is not None:
            return before.response()
        outcome = (await tried(desk, source_id)).model_dump(mode="json")
        await keep_reply(desk.database, attempt, who, "source.test", source_id, outcome)
        return Reply(200, outcome).response()


async def _call(desk: Desk, who: Principal, request: Request) -> Call:
    return Call(desk, desk.sources(await desk.now()), who, await attempt_of(request, who))


def _with_secret(reply: Reply, secret: str | None) -> Response:
    """Put a secret that was made into the first answer; what is stored for a repeat has none."""
    shown = None if reply.replayed else secret
    return Reply(reply.status, {**reply.body, "secret": shown}, reply.replayed).response()
