"""The values that several events share: instants, scores, consents, attributions, owners.

Bodies are made of these; nothing here identifies a lead's person. Instants are aware, in UTC.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from contracts.body import Part
from contracts.events.kinds import ActorKind, ConsentState, IdentityKind, Purpose
from contracts.reasons import CandidateReason

_EXACT = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,4})?")
_SHORTEST = r"^-?(0|[1-9][0-9]{0,15})(\.[0-9]{0,3}[1-9])?$"


def _in_utc(instant: datetime) -> datetime:
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


def _exact(value: object) -> Decimal:
    # One pass over the text: a score has dozens of these, and pydantic's own checks cost more.
    if isinstance(value, bool | float):
        # pydantic turns a ValueError into a refusal of the field; a TypeError would escape it.
        raise ValueError("not exact: give a whole number, a Decimal or a text")  # noqa: TRY004
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    if not _EXACT.fullmatch(text):
        text = _trimmed(text)
        if not _EXACT.fullmatch(text):
            raise ValueError("not a number of at most 16 digits and 4 decimals")
    if "." in text:
        text = _trimmed(text)
    return Decimal("0" if text == "-0" else text)


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An instant; an offset other than UTC is converted, a missing one is refused."""

Exact = Annotated[
    Decimal,
    PlainValidator(_exact),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _SHORTEST}),
]
"""An exact number of at most four decimals, in JSON a text as short as possible: ``12.5``."""

Points = Exact
"""Points of a score; may be negative."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""An id that a policy, a person or a sender gave: a rule, a rep, a pool, a campaign."""

Text = Annotated[str, StringConstraints(max_length=500)]
"""A short text that is not about a person."""

Hash = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[!-~]+$")]
"""A digest in its printed form."""

Grade = Annotated[str, StringConstraints(pattern=r"^[A-D][1-4]$")]
"""Fit from A to D and engagement from 1 to 4: ``A2``."""

Policies = Mapping[str, Hash]
"""The versions of policies that a decision rests on: kind to hash."""


class Utm(Part):
    """The campaign tags of the link that a person followed."""

    source: Text | None = None
    medium: Text | None = None
    campaign: Text | None = None
    term: Text | None = None
    content: Text | None = None


class Attribution(Part):
    """What brought a lead to us at one touch.

    Click ids are not here: they name a browser and are with the person.
    """

    touch_id: UUID
    at: Instant
    """When the touch happened in the world."""
    source: Id
    channel: Id | None = None
    campaign_id: Id | None = None
    form: Text | None = None
    utm: Utm = Utm()


class Consent(Part):
    """What is known of one consent."""

    state: ConsentState
    wording: Id | None = None
    """The version of the text that the person saw."""
    source: Id | None = None
    """The source that told us."""
    at: Instant | None = None
    """Since when it is so; none where nobody said."""


Consents = Mapping[Purpose, Consent]
"""Purpose to consent; a purpose that is missing is unknown."""


class IdentityKey(Part):
    """Something that tells one person from another, as an HMAC."""

    kind: IdentityKind
    key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32,128}$")]
    """The HMAC in hexadecimal, under the installation's secret."""


class Contribution(Part):
    """What one rule added to a score."""

    rule: Id
    group: Id
    points: Points


class GroupPoints(Part):
    """The points of one group: the sum of its contributions less what its cap cut off."""

    group: Id
    points: Points
    cut: Points = Decimal(0)
    """What the cap cut off, 0 or more."""


class Score(Part):
    """A score that adds up exactly; see ``Contribution`` and ``GroupPoints``."""

    points: Points
    grade: Grade | None = None
    """None where nothing was counted: the person denied profiling."""
    groups: tuple[GroupPoints, ...] = ()
    contributions: tuple[Contribution, ...] = ()

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        sums = {each.group: Decimal(0) for each in self.groups}
        if len(sums) != len(self.groups):
            raise ValueError("a group stands twice in the score")
        for each in self.contributions:
            if each.group not in sums:
                raise ValueError("a contribution names a group that the score does not list")
            sums[each.group] += each.points
        if any(sums[each.group] - each.cut != each.points for each in self.groups):
            raise ValueError("a group's points are not the sum of its contributions less the cut")
        if sum((each.points for each in self.groups), Decimal(0)) != self.points:
            raise ValueError("the score is not the sum of its groups")
        return self

    def best(self, count: int) -> tuple[Contribution, ...]:
        """Return the rules that added most, most first, at most ``count``; equal ones by id."""
        adding = (each for each in self.contributions if each.points > 0)
        return tuple(sorted(adding, key=lambda each: (-each.points, each.rule))[:count])


class Reason(Part):
    """Why: a member of a closed list, and the rule and facts that it rests on."""

    code: Id
    """The value of a member of one of the lists in ``contracts.reasons``."""
    rule: Id | None = None
    """The id of the rule in the policy."""
    facts: tuple[Id, ...] = ()
    """The names of the facts that decided, or that were missing."""


class Owner(Part):
    """The rep who holds a lead. A rep's name is no personal data of the lead."""

    rep_id: Id
    name: Text
    team: Id | None = None
    outside_ids: Mapping[str, str] = Field(default_factory=dict)
    """The rep's ids elsewhere, by system: ``{"slack": "U01ANA", "crm": "0051"}``."""


class Actor(Part):
    """Who did something."""

    kind: ActorKind
    id: Id
    """The rep's id, the name of the token or the id of the rule."""


class Candidate(Part):
    """A rep whom a decision weighed."""

    rep_id: Id
    reason: CandidateReason
    turn: Exact | None = None
    """Where the rep stood in the rotation: turns taken by weight; none where there is no turn."""


class PassedOver(Part):
    """A rule that was asked before the one that decided, and was not met."""

    rule: Id
    missing: tuple[Id, ...] = ()
    """The facts that were absent, so that the condition stayed unknown."""


class Money(Part):
    """An amount of money."""

    amount: Exact
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    """ISO 4217."""
