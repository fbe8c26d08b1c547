"""The model of config/routing.yaml: gate, rules, and what happens when nobody is available.

Loaded by routing (its owner); choice.py asks it. Only keys that work are known, others refused.
"""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.amounts import Duration
from contracts.conditions import Condition, May

ASSIGN_ANYWAY: Literal["assign anyway"] = "assign anyway"
HOLD: Literal["hold until pool opens"] = "hold until pool opens"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""The id of a rule, pool, rep or team."""

When = Annotated[Condition, May("lead", "company", "touch", "custom")]


class _Keys(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class GateRule(_Keys):
    """Stops a lead before the rules are asked; a missing fact never stops."""

    id: Name
    when: When
    then: Literal["simulate", "hold"]
    """simulate: walk to the end as a test; hold: to nobody, until what stopped it is gone."""
    tell: Name | None = None
    """Whose business it is then: one of team.yaml's people."""


class Rule(_Keys):
    """Sends a lead to a pool. Without ``when`` it takes all that is left."""

    id: Name
    when: When | None = None
    to: Name


class NobodyRule(_Keys):
    """What happens when no rep of the lead's pool is at work."""

    id: Name
    when: When | None = None
    then: Literal["overflow", "hold until pool opens", "assign anyway"]
    otherwise: Literal["assign anyway"] | None = Field(None, alias="else")
    """What comes after ``overflow`` where nobody is at work there either."""
    at_most: Duration | None = None
    """How long to hold."""
    after_that: Literal["assign anyway"] | None = None

    @model_validator(mode="after")
    def _keys_go_together(self) -> Self:
        if self.otherwise is not None and self.then != "overflow":
            raise _wrong("else", 'only "then: overflow" has an else')
        for key in ("at_most", "after_that"):
            if getattr(self, key) is not None and self.then != HOLD:
                raise _wrong(key, f'only "then: {HOLD}" has {key}')
        if self.then == HOLD and self.at_most is None:
            raise _wrong("then", f'"{HOLD}" needs at_most, like: at_most: 16h')
        return self


class Handover(_Keys):
    """How a lead comes to its rep."""

    mode: Literal["assign"]


class RoutingPolicy(_Keys):
    """config/routing.yaml."""

    policy: Literal["routing"]
    gate: tuple[GateRule, ...] = Field((), max_length=200)
    rules: tuple[Rule, ...] = Field(min_length=1, max_length=1_000)
    nobody_available: tuple[NobodyRule, ...] = Field((), max_length=200)
    """The first that is met decides; without any, the lead is assigned anyway."""
    handover: Handover = Handover(mode="assign")

    @model_validator(mode="after")
    def _takes_every_lead(self) -> Self:
        for key in ("rules", "nobody_available"):
            given: Sequence[Rule | NobodyRule] = getattr(self, key)
            if given and given[-1].when is not None:
                raise PydanticCustomError(
                    "last",
                    "{reason}",
                    {
                        "reason": "a lead that no rule takes: the last one must have no `when`",
                        "path": (key, len(given) - 1, "when"),
                    },
                )
        return self

    @model_validator(mode="after")
    def _ids_stand_once(self) -> Self:
        for key in ("gate", "rules", "nobody_available"):
            seen: set[str] = set()
            for index, each in enumerate(getattr(self, key)):
                if each.id in seen:
                    reason = f"{each.id!r} stands here already: each id once"
                    raise PydanticCustomError(
                        "twice", "{reason}", {"reason": reason, "path": (key, index, "id")}
                    )
                seen.add(each.id)
        return self


def _wrong(key: str, reason: str) -> PydanticCustomError:
    return PydanticCustomError("keys", "{reason}", {"reason": reason, "path": (key,)})
