"""The door for people: find a lead, and see its score with every point of it.

An e-mail address or telephone number comes in a body, never in a path: paths are logged.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from chassis.database import Database, Tx
from chassis.http.access import needs
from chassis.http.principal import Principal, Scope
from chassis.http.problem import Problem, ProblemKind
from chassis.http.routes import Router
from chassis.lanes.step import PolicyNeed
from chassis.policies.versions import PolicyBook
from chassis.settings import Settings
from contracts.events.kinds import IdentityKind, Purpose, Stage
from contracts.events.parts import Attribution, Consent, Score
from contracts.identity import identity_key
from scoring.domain.counting import count
from scoring.domain.policy import InForce
from scoring.domain.staging import stage_of
from scoring.domain.state import LeadState
from scoring.store import kept, leads

_MOST_TOLD = 100
Reader = Annotated[Principal, needs(Scope.READ)]
Asked = Annotated[str, StringConstraints(min_length=1, max_length=320, strip_whitespace=True)]


class Search(BaseModel):
    """One of them; ``query`` may be any."""

    model_config = ConfigDict(extra="forbid")

    email: Asked | None = None
    phone: Asked | None = None
    touch_id: UUID | None = None
    lead_id: UUID | None = None
    query: Asked | None = None
    account: Asked | None = None
    """A company's registrable domain: what was told of it."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in self.__dict__.values()) != 1:
            raise ValueError("give one of email, phone, touch_id, lead_id, query, account")
        return self


class AccountTold(BaseModel):
    """What was told of a company once."""

    record_id: UUID
    source: str
    facts: dict[str, Any]
    as_of: datetime


class Found(BaseModel):
    """The leads that were found."""

    lead_ids: list[UUID]
    account: list[AccountTold] = []
    """What was told of the company, the latest first; its leads do not have it yet."""


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


def scores_router(
    database: Database, book: PolicyBook, settings: Settings, need: PolicyNeed[InForce]
) -> Router:
    """Return the routes; ``need`` is the policy that scores rest on."""
    router = Router(tags=["leads"])
    secret = settings.secret.get_secret_value().encode()

    @router.post("/v1/search", response_model_exclude_defaults=True)
    async def search(_: Reader, asked: Search) -> Found:
        """Find a lead by address, number, touch or lead; or what was told of an account."""
        async with database.transaction() as tx:
            if asked.account is not None:
                return Found(lead_ids=[], account=await _told_of(tx, asked.account))
            return Found(lead_ids=list(await _found(tx, asked, secret)))

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


async def _found(tx: Tx, asked: Search, secret: bytes) -> Sequence[UUID]:
    either = asked.lead_id or asked.touch_id or _uuid(asked.query)
    if either is not None:
        return await leads.by_id(tx, either)
    address = asked.email or (asked.query if asked.query and "@" in asked.query else None)
    if address is not None:
        return await leads.by_key(tx, identity_key(secret, IdentityKind.EMAIL, address).key)
    number = asked.phone or asked.query or ""
    return await leads.by_key(tx, identity_key(secret, IdentityKind.PHONE, number).key)


async def _told_of(tx: Tx, domain: str) -> list[AccountTold]:
    rows = await kept.of_account(tx, domain.lower(), _MOST_TOLD)
    return [
        AccountTold(
            record_id=row["id"],
            as_of=row["occurred_at"],
            **{name: kept.body_of(row)[name] for name in ("source", "facts")},
        )
        for row in rows
    ]


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text is not None else None
    except ValueError:
        return None


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
