"""GET /v1/decisions/{lead}: why a lead came to its owner, re-derived from what was recorded.

The decision is made again from history under the policies it named, so what is shown is what
was decided; ``as_recorded`` says whether it came out byte for byte.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel

from chassis.database import Tx
from chassis.http.problem import Problem, ProblemKind
from chassis.http.routes import Router
from chassis.lanes.history import HistoryRow
from chassis.lanes.step import Step
from chassis.lanes.verifying import types_of_step
from chassis.replay import event_of, replay
from contracts.body import cloud_type
from contracts.decision import TimerDue
from contracts.events.mql import LeadQualified, LeadReturned
from contracts.events.sql import LeadHeld, LeadRouted, LeadUnrouted
from routing import store
from routing.api.lookup import Reader, lead_named
from routing.domain.choice import Choice, choose
from routing.domain.decide import question_of
from routing.domain.explain import explained, why_not
from routing.domain.rulebook import Rulebook
from routing.domain.state import Case

if TYPE_CHECKING:
    from chassis.runtime import Runtime

_CAUSES = (cloud_type(LeadQualified), cloud_type(LeadReturned), TimerDue.__name__)
_OUTCOMES = {
    cloud_type(LeadRouted): "routed",
    cloud_type(LeadHeld): "held",
    cloud_type(LeadUnrouted): "unrouted",
}


class DecisionView(BaseModel):
    """One decision, step by step."""

    lead_id: UUID
    outcome: str
    """``routed``, ``held`` or ``unrouted``."""
    decided_at: datetime
    cause: UUID
    """The event or timer that asked for it."""
    cause_type: str
    decision: str
    """Where it stands in history: step, lane and number."""
    policies: dict[str, str]
    as_recorded: bool
    event: dict[str, Any]
    """What was said, without the person."""
    walk: dict[str, Any]
    """Gate, rules with the facts they saw, pools with their turns, and sentences for people."""
    why_not: dict[str, Any] | None
    earlier: list[dict[str, Any]]
    """The decisions on this lead before, last first."""


def decisions_router(runtime: "Runtime", step: Step[Case, Rulebook]) -> APIRouter:
    """Return the routes."""
    router = Router(prefix="/v1/decisions", tags=["decisions"])

    @router.get("/{lead}", name="decision")
    async def decision(
        _: Reader, lead: UUID, rep: Annotated[str | None, Query(alias="not", max_length=64)] = None
    ) -> DecisionView:
        """Why this owner, and with ``not=REP`` why not that one. Takes a lead's or a touch's id."""
        lead_id = (await lead_named(runtime, lead)).lead.lead_id
        async with runtime.database.transaction() as tx:
            rows = await store.decisions(tx, step.name, lead_id, _CAUSES)
            await _refresh(runtime, tx)
        told = [row for row in rows if _outcome(row) is not None]
        if not told:
            raise Problem(ProblemKind.NOT_FOUND, "No decision on this lead is kept.")
        return _view(runtime, step, told, rep)

    return router


async def _refresh(runtime: "Runtime", tx: Tx) -> None:
    row = await tx.fetch_one("SELECT count(*) AS n FROM policy_version")
    assert row is not None  # noqa: S101 - count gives a row
    await runtime.book.refresh(tx, row["n"])


def _view(
    runtime: "Runtime", step: Step[Case, Rulebook], rows: list[HistoryRow], rep: str | None
) -> DecisionView:
    row = rows[0]
    types = types_of_step(step)
    book = runtime.book.need_by_hash(step.policy, row.policy)
    assert book is not None  # noqa: S101 - this step decides by policies
    event: Any = event_of(row, types)
    asked = question_of(Case.model_validate_json(row.before), event, row.now)
    choice = choose(asked, book)
    differences = list(replay([row], step, lambda _: book, types))
    return DecisionView(
        lead_id=UUID(row.key),
        outcome=_outcome(row) or "",
        decided_at=row.now,
        cause=row.cause,
        cause_type=row.cause_type,
        decision=f"{row.step}:{row.part}:{row.decision_no}",
        policies=dict(book.hashes),
        as_recorded=differences == [None],
        event=orjson.loads(row.says)[0],
        walk=explained(choice, asked, book),
        why_not=None if rep is None else _why_not(rep, choice, book),
        earlier=[_short(each) for each in rows[1:]],
    )


def _why_not(rep: str, choice: Choice, book: Rulebook) -> dict[str, Any]:
    try:
        return why_not(rep, choice, book)
    except KeyError:
        raise Problem(
            ProblemKind.NOT_FOUND,
            "The team policy of that decision had no such rep.",
            way_out="GET /v1/reps lists the ids of the reps.",
        ) from None


def _outcome(row: HistoryRow) -> str | None:
    said = [_OUTCOMES.get(each["type"]) for each in orjson.loads(row.says)]
    return next((each for each in said if each is not None), None)


def _short(row: HistoryRow) -> dict[str, Any]:
    return {
        "outcome": _outcome(row),
        "decided_at": row.now,
        "cause_type": row.cause_type,
        "decision": f"{row.step}:{row.part}:{row.decision_no}",
    }
