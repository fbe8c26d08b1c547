"""GET /v1/reps and /v1/pools: who sells, who is at work, and how the turns stand.

Read from the policies in force and the rotation as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel

from chassis.http.cursors import Page
from chassis.http.routes import Router
from chassis.lanes.step import Step
from routing import store
from routing.api.lookup import Reader
from routing.domain.availability import absences, is_open, opens_at
from routing.domain.rotation import Rotation
from routing.domain.rulebook import Rulebook
from routing.domain.state import Case
from routing.domain.team import Pool

if TYPE_CHECKING:
    from chassis.runtime import Runtime


class RepView(BaseModel):
    """A rep."""

    id: str
    name: str
    email: str
    team: str | None
    calendar: str
    pools: tuple[str, ...]
    at_work: bool
    holds: int
    """How many leads the rep holds now, tests left out."""


class MemberView(BaseModel):
    """A member of a pool, and what it got beside what it is due."""

    rep: str
    name: str
    weight: int
    available: bool
    turn: str
    """Turns taken by weight, exact: the least of those available comes next."""
    taken: int
    """Leads from this pool since the beginning."""
    entitled_share: float
    """The rep's part of the weights, 0 to 1."""
    actual_share: float | None
    """The rep's part of the leads that the present members took; none before the first."""


class PoolView(BaseModel):
    """A pool and its turns."""

    id: str
    calendar: str
    open: bool
    """Whether somebody is available now."""
    opens_at: datetime | None
    turn: str
    overflow: str | None
    next_rep: str | None
    """Whose turn it is now; none while nobody is available."""
    members: tuple[MemberView, ...]


@dataclass(frozen=True, slots=True)
class _Now:
    """What a look at the team rests on."""

    book: Rulebook
    rotation: Rotation
    holds: Mapping[str, int]
    at: datetime


def team_router(runtime: "Runtime", step: Step[Case, Rulebook]) -> APIRouter:
    """Return the routes."""
    router = Router(prefix="/v1", tags=["team"])

    @router.get("/reps", name="reps")
    async def reps(_: Reader) -> Page[RepView]:
        """All reps of the team policy in force."""
        now = await _look(runtime, step)
        items = [_rep(name, now) for name in sorted(now.book.team.reps)]
        return Page(items=items, next=None)

    @router.get("/pools", name="pools")
    async def pools(_: Reader) -> Page[PoolView]:
        """All pools with their turns: entitled share beside actual share."""
        now = await _look(runtime, step)
        items = [_pool(name, pool, now) for name, pool in sorted(now.book.team.pools.items())]
        return Page(items=items, next=None)

    return router


async def _look(runtime: "Runtime", step: Step[Case, Rulebook]) -> _Now:
    async with runtime.database.transaction() as tx:
        row = await tx.fetch_one("SELECT count(*) AS n, clock_now() AS now FROM policy_version")
        assert row is not None  # noqa: S101 - count gives a row
        await runtime.book.refresh(tx, row["n"])
        rotation, holds = await store.rotation(tx), await store.held_by_rep(tx)
    book = runtime.book.need(step.policy, row["now"])[0]
    assert book is not None  # noqa: S101 - this step decides by policies
    return _Now(book, rotation, holds, row["now"])


def _rep(name: str, now: _Now) -> RepView:
    team = now.book.team
    rep = team.reps[name]
    return RepView(
        id=name,
        name=rep.name,
        email=rep.email,
        team=team.team_of.get(name),
        calendar=rep.calendar,
        pools=team.pools_of(name),
        at_work=is_open(now.book, rep.calendar, now.at),
        holds=now.holds.get(name, 0),
    )


def _pool(name: str, pool: Pool, now: _Now) -> PoolView:
    turns = now.rotation.pool(name)
    free = [rep for rep, away in absences(now.book, pool, now.at).items() if away is None]
    taken = {rep: turns.seats[rep].taken for rep in pool.members if rep in turns.seats}
    all_weights, all_taken = sum(pool.members.values()), sum(taken.values())
    members = [
        MemberView(
            rep=rep,
            name=now.book.team.reps[rep].name,
            weight=weight,
            available=rep in free,
            turn=str(turns.turn_of(rep)),
            taken=taken.get(rep, 0),
            entitled_share=float(Fraction(weight, all_weights)),
            actual_share=taken.get(rep, 0) / all_taken if all_taken else None,
        )
        for rep, weight in sorted(pool.members.items())
    ]
    return PoolView(
        id=name,
        calendar=pool.calendar,
        open=bool(free),
        opens_at=opens_at(now.book, pool, now.at),
        turn=pool.turn,
        overflow=pool.overflow,
        next_rep=turns.first(free),
        members=tuple(members),
    )
