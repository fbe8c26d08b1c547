"""The policy of scoring: the line, the groups, the rules, and what qualifies outright.

``ScoringPolicy`` is config/scoring.yaml; ``ScoringContent`` is what is published: the same with the
content of every list that it names and the table of territories, so that no reader needs the files.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.conditions import Condition, May
from contracts.facts import FACTS
from contracts.territory import Territory

_COUNTED = ("score", "fit", "engagement", "grade", "stage", "cycle")
_ASKABLE = (
    *(
        name
        for name, fact in FACTS.items()
        if not fact.derived
        and name.split(".", maxsplit=1)[0] in {"lead", "company", "touch"}
        and name not in {f"lead.{word}" for word in _COUNTED}
    ),
    "custom",
)
"""What a rule may ask: not what it is itself a part of."""

_LETTERS = ("A", "B", "C")
_NUMBERS = ("1", "2", "3")

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,79}$")]
Points = Annotated[StrictInt, Field(ge=-10_000, le=10_000)]
Asked = Annotated[Condition, May(*_ASKABLE)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(_Strict):
    """Where an MQL begins."""

    qualify: Points


class Group(_Strict):
    """Rules that are summed up to a cap, and the grade that the sum is worth."""

    cap: Points
    grade: dict[str, Points] = Field(default_factory=dict)

    @property
    def is_lettered(self) -> bool:
        """Whether it gives the grade's letter."""
        return tuple(self.grade) == _LETTERS

    @property
    def is_numbered(self) -> bool:
        """Whether it gives the grade's number."""
        return tuple(self.grade) == _NUMBERS

    def graded(self, points: int) -> str:
        """Return the letter or number that so many points are worth; below the last the next."""
        for word, at_least in self.grade.items():
            if points >= at_least:
                return word
        return "D" if self.is_lettered else "4"

    @model_validator(mode="after")
    def _grades_fall(self) -> Self:
        bounds = list(self.grade.values())
        if self.grade and not (self.is_lettered or self.is_numbered):
            raise PydanticCustomError(
                "grade", "expected bounds for A, B, C or for 1, 2, 3, in that order"
            )
        if bounds != sorted(set(bounds), reverse=True):
            raise PydanticCustomError("grade", "each bound of a grade is below the one before it")
        return self


class Rule(_Strict):
    """Points for what is so."""

    id: Id
    group: Id
    points: Points
    when: Asked

    @cached_property
    def of_touch(self) -> bool:
        """Whether it is asked at every touch, and not of what is known now."""
        return speaks_of_touch(self.when)


class Outright(_Strict):
    """What makes a lead an MQL whatever the points."""

    id: Id
    say: Literal["qualify"]
    when: Asked

    @cached_property
    def of_touch(self) -> bool:
        """Whether it is asked at every touch."""
        return speaks_of_touch(self.when)


def speaks_of_touch(when: Condition) -> bool:
    """Tell whether a condition reads a fact of a touch."""
    return any(name.startswith("touch.") for name in when.reads)


class ScoringPolicy(_Strict):
    """config/scoring.yaml."""

    policy: Literal["scoring"]
    line: Line
    groups: Annotated[dict[Id, Group], Field(min_length=1, max_length=20)]
    rules: Annotated[tuple[Rule, ...], Field(max_length=500)]
    outright: Annotated[tuple[Outright, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        seen: set[str] = set()
        places = [("rules", number, each.id) for number, each in enumerate(self.rules)]
        places += [("outright", number, each.id) for number, each in enumerate(self.outright)]
        for section, number, name in places:
            if name in seen:
                raise _at((section, number, "id"), f"the id {name} stands twice")
            seen.add(name)
        for number, rule in enumerate(self.rules):
            if rule.group not in self.groups:
                known = ", ".join(self.groups)
                raise _at(("rules", number, "group"), f"no such group; there are: {known}")
        for what in ("is_lettered", "is_numbered"):
            names = [name for name, group in self.groups.items() if getattr(group, what)]
            if len(names) > 1:
                raise _at(("groups", names[1], "grade"), f"{names[0]} gives that part of the grade")
        return self

    @property
    def lists_named(self) -> frozenset[str]:
        """The lists that conditions name."""
        conditions = [each.when for each in self.rules] + [each.when for each in self.outright]
        return frozenset(name for when in conditions for name in when.lists)


class ScoringContent(ScoringPolicy):
    """What is published."""

    lists: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    territories: tuple[Territory, ...] = ()

    @cached_property
    def sets(self) -> Mapping[str, frozenset[str]]:
        """The lists as conditions ask them."""
        return {name: frozenset(entries) for name, entries in self.lists.items()}

    @cached_property
    def lettered(self) -> str | None:
        """The group that gives the grade's letter."""
        return next((name for name, group in self.groups.items() if group.is_lettered), None)

    @cached_property
    def numbered(self) -> str | None:
        """The group that gives the grade's number."""
        return next((name for name, group in self.groups.items() if group.is_numbered), None)

    @model_validator(mode="after")
    def _has_its_lists(self) -> Self:
        for name in sorted(self.lists_named):
            if name not in self.lists:
                raise _at(("lists",), f"the list {name} is named and not given")
        return self

    def content(self) -> Mapping[str, object]:
        """Return the canonical form."""
        return self.model_dump(mode="json", exclude_none=True)


class InForce(BaseModel):
    """A version of the policy as decisions get it."""

    model_config = ConfigDict(frozen=True)

    content: ScoringContent
    hashes: Mapping[str, str]


def built(contents: Mapping[str, object], hashes: Mapping[str, str]) -> InForce:
    """Return what decisions read, from contents and hashes by kind."""
    return InForce(content=ScoringContent.model_validate(contents["scoring"]), hashes=dict(hashes))


def _at(path: tuple[str | int, ...], reason: str) -> PydanticCustomError:
    return PydanticCustomError("policy", "{reason}", {"reason": reason, "path": path})
