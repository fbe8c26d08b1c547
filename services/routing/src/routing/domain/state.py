"""What routing knows of a lead, and what a decision reads: the lead and the shared rotation.

Store makes these from rows; history keeps them whole, so nothing here identifies a person.
"""

from uuid import UUID

from contracts.body import Part
from contracts.event import Mode
from contracts.events.kinds import Stage
from contracts.events.mql import Qualification
from contracts.events.parts import Id, Instant, Owner
from contracts.facts import Facts
from contracts.reasons import HoldReason, UnroutedReason
from routing.domain.rotation import Rotation


class Assigned(Part):
    """Who holds or held the lead, and since when."""

    assignment_id: UUID
    owner: Owner
    pool: Id | None
    rule: Id | None
    assigned_at: Instant
    ended_at: Instant | None = None
    """When the lead was given back or its cycle ended."""
    accepted_at: Instant | None = None
    """When the owner took the lead on; it is said once."""
    given_back: bool = False
    """Whether the owner rejected it: then the next cycle goes elsewhere."""


class Waiting(Part):
    """What the lead waits for."""

    reason: HoldReason
    pool: Id
    since: Instant
    until: Instant


class Lead(Part):
    """A lead on routing's desk."""

    lead_id: UUID
    cycle: int = 0
    stage: Stage = Stage.LEAD
    mode: Mode = Mode.LIVE
    facts: Facts = Facts()
    """``lead.*`` and ``company.*`` as heard last."""
    assigned: Assigned | None = None
    waiting: Waiting | None = None
    unrouted: UnroutedReason | None = None
    qualification: Qualification | None = None
    """What is to be handed on; kept only until the lead has an owner."""
    qualified_at: Instant | None = None
    """When the lead became an MQL in this cycle; no activity of the cycle is older."""
    unqualified_at: Instant | None = None
    """Set where scoring took the MQL back while a rep had the lead: the owner stays."""

    @property
    def owner(self) -> Owner | None:
        """Who holds the lead now."""
        held = self.assigned
        return None if held is None or held.ended_at is not None else held.owner


class Case(Part):
    """What one decision reads."""

    lead: Lead
    rotation: Rotation | None = None
    """None where the decision cannot give the lead to anybody: an activity is recorded."""
