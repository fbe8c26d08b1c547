"""What the routes share: who asks, and the lead that an id of a lead or of a touch names."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from chassis.http.access import needs
from chassis.http.principal import Principal, Scope
from chassis.http.problem import Problem, ProblemKind
from routing import store

if TYPE_CHECKING:
    from chassis.runtime import Runtime

Reader = Annotated[Principal, needs(Scope.READ)]
Writer = Annotated[Principal, needs(Scope.WRITE)]


async def lead_named(runtime: "Runtime", either: UUID) -> store.LeadRow:
    """Return a lead by its own id or a touch's. Raises Problem 404."""
    async with runtime.database.transaction() as tx:
        found = await store.find(tx, either)
    if found is None:
        raise unknown_lead()
    return found


def unknown_lead() -> Problem:
    """Return the problem of an id that routing has not heard of."""
    return Problem(
        ProblemKind.NOT_FOUND,
        "Routing knows no lead and no touch by this id.",
        way_out="A lead comes here when it becomes an MQL; GET /v1/leads lists those known.",
    )
