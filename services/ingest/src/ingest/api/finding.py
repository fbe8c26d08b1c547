"""/v1/admin/ingest/find: what has reached ingest of a lead that is nowhere else yet.

What is looked for stands in the body, never in an address, and is not answered back.
"""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints

from chassis.http.access import needs
from chassis.http.principal import Principal, Scope
from chassis.http.routes import Router
from ingest.api.answers import Desk
from ingest.store import waiting
from ingest.store.waiting import Waiting


class Sought(BaseModel):
    """What is looked for."""

    model_config = ConfigDict(extra="forbid")

    what: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=320)]
    """A platform's id of a lead, or a text that its body holds, like an e-mail address."""


def finding_router(desk: Desk) -> APIRouter:
    """Return the route."""
    router = Router(prefix="/v1/admin/ingest", tags=["sources"])

    @router.post("/find")
    async def find(_: Annotated[Principal, needs(Scope.ADMIN)], sought: Sought) -> Waiting:
        """Leads that wait to be fetched, bodies that were put aside, and how full the spool is."""
        async with desk.database.transaction() as tx:
            return await waiting.search(tx, sought.what)

    return router
