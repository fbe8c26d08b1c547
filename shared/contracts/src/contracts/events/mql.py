"""leads.mql: leads over the marketing bar, with all that routing decides on.

Scoring says them with the person beside; routing, sla-monitor and insights read them.
"""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from contracts.body import Body, Part
from contracts.events.parts import (
    Attribution,
    Consents,
    Instant,
    Policies,
    Reason,
    Score,
)
from contracts.facts import Facts
from contracts.reasons import UnqualifyReason
from contracts.topics import LEADS_MQL, Topic


class Qualification(Part):
    """What made a lead an MQL; every handover hands it on, so that no reader joins topics."""

    lead_id: UUID
    cycle: int
    """The number of the lead's cycle, from 1."""
    score: Score
    probability: float | None = None
    """What a learned model says, 0 to 1; none without one."""
    reasons: tuple[Reason, ...]
    """Why it qualified: codes of ``QualifyReason``; the points are in the score."""
    facts: Facts
    """``lead.*`` and ``company.*`` as known, and ``touch.*`` of the touch that caused it."""
    consent: Consents = Field(default_factory=dict)
    first: Attribution
    """What brought the lead to us at first."""
    last: Attribution
    """What brought the lead to us at last, before this."""
    touch_id: UUID
    """The touch that caused it."""
    received_at: Instant
    """When ingest took that touch in."""
    resolved_at: Instant
    """When that touch was known to be this lead's."""
    qualified_at: Instant
    """When the lead became an MQL in this cycle."""
    policies: Policies
    """The versions of the policies decided by so far."""


class LeadQualified(Qualification, Body):
    """A lead became an MQL; a cycle begins."""

    TYPE: ClassVar[str] = "lead.qualified"
    TOPIC: ClassVar[Topic] = LEADS_MQL
    CARRIES_PERSON: ClassVar[bool] = True


class LeadReturned(Qualification, Body):
    """A lead that is an MQL or further already asked again; the cycle goes on."""

    TYPE: ClassVar[str] = "lead.returned"
    TOPIC: ClassVar[Topic] = LEADS_MQL
    CARRIES_PERSON: ClassVar[bool] = True

    returned_at: Instant


class LeadUnqualified(Body):
    """A lead is an MQL no longer; its cycle ends, unless a rep got it meanwhile."""

    TYPE: ClassVar[str] = "lead.unqualified"
    TOPIC: ClassVar[Topic] = LEADS_MQL
    CARRIES_PERSON: ClassVar[bool] = True

    lead_id: UUID
    cycle: int
    reason: UnqualifyReason
    score: Score
    facts: Facts
    touch_id: UUID | None = None
    """The touch that caused it; none where time, a policy or a person did."""
    unqualified_at: Instant
    policies: Policies
