"""/v1/touches: touches in Baton's own words, one, an array or NDJSON, by a token.

All rows of a call are taken or none. An answer of 200 means that all of them are durable.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from chassis.http.access import needs
from chassis.http.idempotency import attempt_of
from chassis.http.principal import Principal, Scope
from chassis.http.reply import JsonResponse
from chassis.http.routes import Router
from contracts.ids import from_words
from ingest.api.answers import Desk
from ingest.api.rows import NDJSON, Sheet, rows_of
from ingest.api.systems import name_of
from ingest.domain.native import TouchRow
from ingest.domain.touch import Door, record
from ingest.store.replies import keep_reply, told_before

_SHEET = Sheet(TouchRow, 1_000, (), lines=NDJSON)


class Recorded(BaseModel):
    """What was taken, all of it durable."""

    accepted: int
    """How many rows."""
    touch_ids: list[UUID]
    """Of each touch, in the order of the rows."""


def touches_router(desk: Desk) -> Router:
    """Return the route."""
    router = Router(tags=["touches"])

    @router.post("/v1/touches", response_model=Recorded, openapi_extra=_SHEET.schema())
    async def touches(request: Request, who: Annotated[Principal, needs(Scope.WRITE)]) -> Response:
        """Record touches; one that is told again under its id is the same touch."""
        now = await desk.now()
        attempt = await attempt_of(request, who)
        read = await rows_of(request, _SHEET, now)
        stored = await told_before(desk.database, attempt)
        if stored is not None:
            return stored.response()
        policy = desk.sources(now).policy
        told = [
            record(
                row.told(),
                Door(
                    source_id=row.source or name_of(who),
                    source=row.as_source(),
                    channels=policy.channels,
                    secret=desk.settings.secret.get_secret_value().encode(),
                    received_at=now,
                    idempotency_key=None if attempt.key is None else f"{attempt.key} {number}",
                    campaigns=policy.listed,
                    campaign_names=desk.reception.campaign_names.known,
                ),
            )
            for number, row in enumerate(read.rows)
        ]
        await desk.keeper.keep(*told)
        ids = [str(each.touch_id) for each in told]
        answer = {"accepted": len(told), "touch_ids": ids}
        whole = str(from_words("touches", *ids))
        await keep_reply(desk.database, attempt, who, "touches.record", whole, answer)
        return JsonResponse(answer)

    return router
