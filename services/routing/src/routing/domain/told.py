"""What a rep or a sales tool tells of a lead: one shape for each kind of activity.

Pure; the door reads a body as ``Told``, activity.py decides on a ``Report``.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from contracts.body import Part
from contracts.events.kinds import AfterReject, ContactChannel, ContactOutcome
from contracts.events.parts import Actor, Id, Instant, Money
from contracts.reasons import LostReason, RejectReason


class _Told(Part):
    model_config = ConfigDict(frozen=True, extra="forbid")

    occurred_at: Instant | None = None
    """When it was; none means now. Never in the future, nor before the lead came to sales."""
    outside_id: Id | None = None
    """The activity's id in the system that tells us."""


class Accepted(_Told):
    """The owner takes the lead on."""

    kind: Literal["accepted"]


class Rejected(_Told):
    """The owner gives the lead back. ``then`` follows from the reason unless it is given."""

    kind: Literal["rejected"]
    reason: RejectReason
    then: AfterReject | None = None


class Contacted(_Told):
    """Somebody of ours tried to reach the lead."""

    kind: Literal["contacted"]
    channel: ContactChannel
    outcome: ContactOutcome
    automatic: bool = False


class Meeting(_Told):
    """A meeting was agreed."""

    kind: Literal["meeting"]
    meeting_id: Id
    starts_at: Instant
    ends_at: Instant | None = None


class Opportunity(_Told):
    """Sales works on a deal."""

    kind: Literal["opportunity"]
    opportunity_id: Id
    amount: Money | None = None
    closes_on: date | None = None


class Won(_Told):
    """The lead bought."""

    kind: Literal["won"]
    opportunity_id: Id
    amount: Money | None = None


class Lost(_Told):
    """The deal came to nothing; an open opportunity goes back to marketing."""

    kind: Literal["lost"]
    opportunity_id: Id
    reason: LostReason


class Renewed(_Told):
    """The customer goes on."""

    kind: Literal["renewed"]
    amount: Money | None = None
    renewed_until: date | None = None


class Churned(_Told):
    """The customer left."""

    kind: Literal["churned"]
    reason: LostReason


class Recycled(_Told):
    """A person gives the lead back to marketing."""

    kind: Literal["recycled"]
    rests_until: Instant | None = None


class Disqualified(_Told):
    """A person rules the lead out for good."""

    kind: Literal["disqualified"]
    reason: Literal["by_hand", "competitor", "spam"] = "by_hand"


_Any = (
    Accepted
    | Rejected
    | Contacted
    | Meeting
    | Opportunity
    | Won
    | Lost
    | Renewed
    | Churned
    | Recycled
    | Disqualified
)
_KINDS = tuple(get_args(each.model_fields["kind"].annotation)[0] for each in get_args(_Any))


class _ByKind:
    """Reads a union by ``kind``, and names the kinds to whom sends none or another one."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        by_kind = handler.generate_schema(Annotated[source, Field(discriminator="kind")])
        return core_schema.no_info_before_validator_function(_of_a_known_kind, by_kind)


def _of_a_known_kind(told: object) -> object:
    if isinstance(told, Mapping) and told.get("kind") not in _KINDS:
        known = ", ".join(_KINDS)
        raise PydanticCustomError(
            "one_of", "expected one of: {known}", {"known": known, "path": ("kind",)}
        )
    return told


Told = Annotated[_Any, _ByKind()]


class Report(Part):
    """One activity and who did it; a command, it never travels."""

    what: Told
    by: Actor
