"""sales.activity: what sales does with a lead, as routing heard it.

Routing says them; scoring learns, sla-monitor stops clocks, insights counts. No free text: a
rep's note is personal data and is never part of an event.
"""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from contracts.body import Body, Part
from contracts.events.kinds import (
    AfterReject,
    ContactChannel,
    ContactOutcome,
    CorrectionKind,
    Stage,
)
from contracts.events.parts import Actor, Id, Instant, Money, Owner
from contracts.facts import Facts
from contracts.reasons import DisqualifyReason, LostReason, RecycleReason, RejectReason
from contracts.topics import SALES_ACTIVITY, Topic


class Activity(Part):
    """What every activity says. It happened at the envelope's ``occurred_at``."""

    TOPIC: ClassVar[Topic] = SALES_ACTIVITY

    activity_id: UUID
    lead_id: UUID
    cycle: int
    """The number of the lead's cycle; 0 before the first."""
    assignment_id: UUID | None = None
    owner: Owner | None = None
    """Who held the lead; none where nobody did."""
    assigned_at: Instant | None = None
    facts: Facts = Field(default_factory=Facts)
    """``lead.*`` and ``company.*`` as routing knew them."""
    stage: Stage
    """The lead's stage after it."""
    by: Actor
    outside_id: Id | None = None
    """The activity's id in the system that told us."""


class LeadAccepted(Activity, Body):
    """The owner took the lead on (elsewhere: SAL)."""

    TYPE: ClassVar[str] = "lead.accepted"


class LeadRejected(Activity, Body):
    """The owner gave the lead back; a LeadRecycled or LeadDisqualified follows."""

    TYPE: ClassVar[str] = "lead.rejected"

    reason: RejectReason
    then: AfterReject


class LeadContacted(Activity, Body):
    """Somebody of ours tried to reach the lead; the first try stops the first_contact clock."""

    TYPE: ClassVar[str] = "lead.contacted"

    channel: ContactChannel
    outcome: ContactOutcome
    automatic: bool = False
    """Whether a machine did it: a sequence of mails, an auto-reply."""


class MeetingBooked(Activity, Body):
    """A meeting with the lead was agreed."""

    TYPE: ClassVar[str] = "meeting.booked"

    meeting_id: Id
    starts_at: Instant
    ends_at: Instant | None = None


class OpportunityOpened(Activity, Body):
    """Sales began to work on a deal."""

    TYPE: ClassVar[str] = "opportunity.opened"

    opportunity_id: Id
    amount: Money | None = None
    closes_on: date | None = None
    """The day on which the deal is expected to close."""


class DealWon(Activity, Body):
    """The lead bought."""

    TYPE: ClassVar[str] = "deal.won"

    opportunity_id: Id
    amount: Money | None = None


class DealLost(Activity, Body):
    """The deal came to nothing; a LeadRecycled or LeadDisqualified follows."""

    TYPE: ClassVar[str] = "deal.lost"

    opportunity_id: Id
    reason: LostReason


class CustomerRenewed(Activity, Body):
    """The customer goes on."""

    TYPE: ClassVar[str] = "customer.renewed"

    amount: Money | None = None
    renewed_until: date | None = None


class CustomerChurned(Activity, Body):
    """The customer left; a LeadRecycled or LeadDisqualified follows."""

    TYPE: ClassVar[str] = "customer.churned"

    reason: LostReason


class LeadRecycled(Activity, Body):
    """The cycle ended; the lead goes back to marketing."""

    TYPE: ClassVar[str] = "lead.recycled"

    reason: RecycleReason
    rests_until: Instant | None = None
    """Before this it does not qualify again; none where scoring's policy decides."""


class LeadDisqualified(Activity, Body):
    """The cycle ended; the lead is out for good."""

    TYPE: ClassVar[str] = "lead.disqualified"

    reason: DisqualifyReason


class ActivityCorrected(Activity, Body):
    """A recorded activity was different, or never was."""

    TYPE: ClassVar[str] = "activity.corrected"

    corrects: UUID
    """The ``activity_id`` of what was different."""
    corrected_event_id: UUID
    """The event that told it."""
    what: CorrectionKind
    happened_at: Instant | None = None
    """When it really happened; none where the time was right or it never was."""
    channel: ContactChannel | None = None
    outcome: ContactOutcome | None = None
    automatic: bool | None = None
