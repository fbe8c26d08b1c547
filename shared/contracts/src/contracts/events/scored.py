"""leads.scored: how good a lead is, as a snapshot after whatever changed it.

Scoring says it; routing and insights read it and may skip an older one.
"""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from contracts.body import Body
from contracts.events.kinds import OverrideSays, Stage
from contracts.events.parts import Actor, Consents, Instant, Points, Policies, Score
from contracts.facts import Facts
from contracts.reasons import OverrideReason
from contracts.topics import LEADS_SCORED, Topic


class LeadScored(Body):
    """A lead's score, whole; of two, the one of the higher version holds."""

    TYPE: ClassVar[str] = "lead.scored"
    TOPIC: ClassVar[Topic] = LEADS_SCORED

    lead_id: UUID
    cycle: int
    """The number of the lead's cycle; 0 before the first."""
    stage: Stage
    score: Score
    line: Points
    """The points that an MQL needs."""
    qualified: bool
    """Whether the lead is over the line, by points, outright or by override."""
    probability: float | None = None
    """What a learned model says, 0 to 1; none without one."""
    facts: Facts
    """``lead.*`` and ``company.*`` as known now."""
    consent: Consents = Field(default_factory=dict)
    touch_id: UUID | None = None
    """The touch that changed the score; none where something else did."""
    scored_at: Instant
    policies: Policies


class ScoreOverridden(Body):
    """A person overruled the score, or let it rule again."""

    TYPE: ClassVar[str] = "lead.score.overridden"
    TOPIC: ClassVar[Topic] = LEADS_SCORED

    lead_id: UUID
    cycle: int
    override_id: UUID
    says: OverrideSays
    reason: OverrideReason
    until: Instant | None = None
    """When the points decide again; none means until somebody says so."""
    by: Actor
