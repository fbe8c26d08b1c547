"""The model of config/team.yaml: reps, teams, pools and the people who can be told.

Loaded by routing (its owner). Names of calendars are checked where calendars.yaml is at hand.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from contracts.calendars import Zone
from contracts.events.parts import Owner
from routing.domain.rules import Name

EACH = "each"
"""A pool's calendar that stands for those of its members."""

Email = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^\s@]{1,64}@[^\s@]+\.[^\s@.]+$")
]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Weight = Annotated[int, Field(ge=1, le=100, strict=True)]


class _Keys(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Somebody(_Keys):
    """A colleague who can be told."""

    name: Label
    email: Email


class Organisation(_Keys):
    """Who we are."""

    name: Label
    zone: Zone


class Rep(Somebody):
    """A seller. ``slack`` and ``crm`` are the rep's ids there; events hand them on."""

    calendar: Name
    slack: Label | None = None
    crm: Label | None = None

    @property
    def outside_ids(self) -> dict[str, str]:
        """The rep's ids elsewhere, by system."""
        known = {"slack": self.slack, "crm": self.crm}
        return {system: given for system, given in known.items() if given is not None}


class Team(_Keys):
    """Reps with a manager."""

    manager: Somebody
    reps: tuple[Name, ...]


class Pool(_Keys):
    """Reps who share turns."""

    members: dict[Name, Weight] = Field(min_length=1, max_length=500)
    """Rep to weight: 2 gets two leads for each one of 1."""
    calendar: Name
    """When it is open; ``each``: when one of its members is at work."""
    turn: Literal["weighted"]
    overflow: Name | None = None


class TeamPolicy(_Keys):
    """config/team.yaml."""

    policy: Literal["team"]
    organisation: Organisation
    people: dict[Name, Somebody] = Field(default_factory=dict)
    reps: dict[Name, Rep] = Field(min_length=1, max_length=5_000)
    teams: dict[Name, Team] = Field(default_factory=dict)
    pools: dict[Name, Pool] = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def _names_refer(self) -> Self:
        for path, reason in self._faults():
            raise PydanticCustomError("name", "{reason}", {"reason": reason, "path": path})
        return self

    def _faults(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        for name, pool in self.pools.items():
            for rep in pool.members:
                if rep not in self.reps:
                    yield ("pools", name, "members", rep), f"{rep!r} is no rep of this file"
            if pool.overflow == name:
                yield ("pools", name, "overflow"), "a pool cannot overflow into itself"
            elif pool.overflow is not None and pool.overflow not in self.pools:
                yield ("pools", name, "overflow"), f"{pool.overflow!r} is no pool of this file"
        seen: dict[str, str] = {}
        for name, team in self.teams.items():
            for index, rep in enumerate(team.reps):
                path = ("teams", name, "reps", index)
                if rep not in self.reps:
                    yield path, f"{rep!r} is no rep of this file"
                elif rep in seen:
                    yield path, f"{rep!r} is in team {seen[rep]} already"
                seen[rep] = name

    @cached_property
    def team_of(self) -> Mapping[str, str]:
        """Rep to the team that the rep is in."""
        return {rep: name for name, team in self.teams.items() for rep in team.reps}

    def pools_of(self, rep: str) -> tuple[str, ...]:
        """Return the pools that a rep is a member of, sorted."""
        return tuple(sorted(name for name, pool in self.pools.items() if rep in pool.members))

    def owner(self, rep: str) -> Owner:
        """Return a rep as events name one. Raises KeyError."""
        known = self.reps[rep]
        return Owner(
            rep_id=rep,
            name=known.name,
            team=self.team_of.get(rep),
            outside_ids=known.outside_ids,
        )
