"""/v1/scores: a lead's score as it is now, with every point of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.database import Database
from chassis.http.access import needs
from chassis.http.principal import Principal, Scope
from chassis.http.problem import Problem, ProblemKind
from chassis.http.routes import Router
from chassis.lanes.step import PolicyNeed
from chassis.policies.versions import PolicyBook
from contracts.events.kinds import Purpose, Stage
from contracts.events.parts import Attribution, Consent, Score
from scoring.domain.counting import count
from scoring.domain.policy import InForce
from scoring.domain.staging import stage_of
from scoring.domain.state import LeadState
from scoring.store import leads

Reader = Annotated[Principal, needs(Scope.READ)]


class ScoreView(BaseModel):
    """A lead's score as it is now, under the policy in force."""

    lead_id: UUID
    stage: Stage
    cycle: int
    score: Score
    line: int
    qualified: bool
    outright: list[str] = Field(description="Rules that qualify it whatever the points.")
    facts: dict[str, Any]
    consent: Mapping[Purpose, Consent]
    touches: int = Field(description="How many are counted.")
    first: Attribution | None
    last: Attribution | None
    policies: Mapping[str, str]
    at: datetime


def scores_router(database: Database, book: PolicyBook, need: PolicyNeed[InForce]) -> Router:
    """Return the route; ``need`` is the policy that scores rest on."""
    router = Router(tags=["leads"])

    @router.get("/v1/scores/{lead}")
    async def score(_: Reader, lead: UUID) -> ScoreView:
        """The score of a lead, by the lead's id or that of one of its touches."""
        async with database.transaction() as tx:
            found = await leads.by_id(tx, lead)
            state = await leads.state_of(tx, found[0]) if found else None
            row = await tx.fetch_one(
                "SELECT clock_now() AS now, count(*) AS versions FROM policy_version"
            )
            assert row is not None  # noqa: S101 - count gives a row
            await book.refresh(tx, row["versions"])
        if state is None:
            raise Problem(ProblemKind.NOT_FOUND, "No lead or touch has this id.")
        policy = book.need(need, row["now"])[0]
        assert policy is not None  # noqa: S101 - there is a need
        return _view(found[0], state, policy, row["now"])

    return router


def _view(lead: UUID, state: LeadState, policy: InForce, now: datetime) -> ScoreView:
    counted, stage = count(state, policy.content), stage_of(state)
    facts = counted.facts.changed({"lead.stage": stage.value, "lead.cycle": state.cycle})
    return ScoreView(
        lead_id=lead,
        stage=stage,
        cycle=state.cycle,
        score=counted.score,
        line=policy.content.line.qualify,
        qualified=counted.over,
        outright=list(counted.outright),
        facts=facts.as_json(),
        consent={purpose: each.consent for purpose, each in state.consents.items()},
        touches=len(state.touches),
        first=state.first.attribution if state.first else None,
        last=state.touches[-1].attribution if state.touches else None,
        policies=policy.hashes,
        at=now,
    )
