"""/v1/search: leads by an address, a number, any id, or their company; each with why it was found.

What is looked for comes in a body, never in a path: paths are logged. No answer repeats it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from chassis.database import Database, Tx
from chassis.http.access import needs
from chassis.http.principal import Principal, Scope
from chassis.http.routes import Router
from chassis.settings import Settings
from contracts.events.kinds import IdentityKind
from contracts.identity import identity_key
from scoring.domain.finding import FoundBy, Meant, meant, own_id
from scoring.store import finding, kept, leads

_MOST_TOLD = 100
_MOST_OF_ACCOUNT = 50
_CERTAINTY = {by: place for place, by in enumerate(FoundBy)}
Reader = Annotated[Principal, needs(Scope.READ)]
Asked = Annotated[str, StringConstraints(min_length=1, max_length=320, strip_whitespace=True)]


class Search(BaseModel):
    """One of them."""

    model_config = ConfigDict(extra="forbid")

    what: Asked | None = None
    """Anything: an address, a number, an id of Baton's or of any sender, a company's domain."""
    email: Asked | None = None
    phone: Asked | None = None
    touch_id: UUID | None = None
    lead_id: UUID | None = None
    query: Asked | None = None
    """An address, a number, or an id of Baton's."""
    account: Asked | None = None
    """A company's registrable domain: what was told of it."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in self.__dict__.values()) != 1:
            raise ValueError("give one of what, email, phone, touch_id, lead_id, query, account")
        return self


class AccountTold(BaseModel):
    """What was told of a company once."""

    record_id: UUID
    source: str
    facts: dict[str, Any]
    as_of: datetime


class Match(BaseModel):
    """A lead, and why it was found."""

    lead_id: UUID
    by: FoundBy
    source: str | None = None
    """Whose id it was, where it was a sender's."""
    touch_id: UUID | None = None
    """The touch that was named, where one was."""


class Found(BaseModel):
    """The leads that were found."""

    lead_ids: list[UUID]
    """Each once."""
    matches: list[Match] = []
    """Asked by ``what``: why each was found, the most certain first."""
    more: bool = Field(False, description="Whether the company has leads beside these, older ones.")
    account: list[AccountTold] = []
    """What was told of the company, the latest first; its leads do not have it yet."""


def search_router(database: Database, settings: Settings) -> Router:
    """Return the route."""
    router = Router(tags=["leads"])
    secret = settings.secret.get_secret_value().encode()

    @router.post("/v1/search", response_model_exclude_defaults=True)
    async def search(_: Reader, asked: Search) -> Found:
        """Find leads, by ``what`` with why; or what was told of an account."""
        async with database.transaction() as tx:
            if asked.what is not None:
                return await _by_anything(tx, asked.what, secret)
            if asked.account is not None:
                return Found(lead_ids=[], account=await _told_of(tx, [asked.account.lower()]))
            return Found(lead_ids=list(await _found(tx, asked, secret)))

    return router


async def _by_anything(tx: Tx, what: str, secret: bytes) -> Found:
    sought = meant(what, await finding.sources(tx), secret)
    matches = [*await _by_own(tx, sought), *await _by_sender(tx, sought)]
    matches.sort(key=lambda each: _CERTAINTY[each.by])
    of_account = await finding.of_account(tx, sought.domains, _MOST_OF_ACCOUNT + 1)
    matches += [Match(lead_id=lead, by=FoundBy.ACCOUNT) for lead in of_account[:_MOST_OF_ACCOUNT]]
    return Found(
        lead_ids=_once(each.lead_id for each in matches),
        matches=matches,
        more=len(of_account) > _MOST_OF_ACCOUNT,
        account=await _told_of(tx, sought.domains) if sought.domains else [],
    )


async def _by_own(tx: Tx, sought: Meant) -> list[Match]:
    if sought.own is None:
        return []
    if await finding.is_lead(tx, sought.own):
        return [Match(lead_id=sought.own, by=FoundBy.LEAD)]
    rows = await finding.by_touches(tx, [sought.own])
    return [Match(lead_id=e["lead_id"], by=FoundBy.TOUCH, touch_id=e["id"]) for e in rows]


async def _by_sender(tx: Tx, sought: Meant) -> list[Match]:
    found = []
    for row in await finding.by_touches(tx, sought.touches):
        why = sought.touches[row["id"]]
        of = {"lead_id": row["lead_id"], "touch_id": row["id"]}
        found.append(Match(**of, by=why.by, source=why.source))
    for row in await finding.by_keys(tx, sought.keys):
        why = sought.keys[row["key"]]
        found.append(Match(lead_id=row["lead_id"], by=why.by, source=why.source))
    return found


async def _found(tx: Tx, asked: Search, secret: bytes) -> Sequence[UUID]:
    either = asked.lead_id or asked.touch_id or own_id(asked.query or "")
    if either is not None:
        return await leads.by_id(tx, either)
    address = asked.email or (asked.query if asked.query and "@" in asked.query else None)
    if address is not None:
        return await leads.by_key(tx, identity_key(secret, IdentityKind.EMAIL, address).key)
    number = asked.phone or asked.query or ""
    return await leads.by_key(tx, identity_key(secret, IdentityKind.PHONE, number).key)


async def _told_of(tx: Tx, domains: Sequence[str]) -> list[AccountTold]:
    rows = await kept.of_account(tx, domains, _MOST_TOLD)
    return [
        AccountTold(
            record_id=row["id"],
            as_of=row["occurred_at"],
            **{name: kept.body_of(row)[name] for name in ("source", "facts")},
        )
        for row in rows
    ]


def _once(leads_found: Iterable[UUID]) -> list[UUID]:
    return list(dict.fromkeys(leads_found))
