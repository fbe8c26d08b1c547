"""leads.sql: leads handed to an owner, offered, held, or given to nobody and why.

Routing says them with the person beside; scoring, sla-monitor, insights and sales tools read.
"""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from contracts.body import Body, Part
from contracts.events.mql import Qualification
from contracts.events.parts import Actor, Candidate, Id, Instant, Owner, PassedOver
from contracts.facts import Facts
from contracts.reasons import (
    DeclineReason,
    HoldReason,
    ReassignReason,
    RouteReason,
    Unblock,
    UnroutedReason,
)
from contracts.topics import LEADS_SQL, Topic


class Assignment(Qualification):
    """A lead and its owner, with all that a rep or a CRM needs to act."""

    assignment_id: UUID
    owner: Owner
    pool: Id | None = None
    """The pool that the owner was taken from; none where the owner held the lead before."""
    calendar: Id | None = None
    """The name of the pool's calendar, or of the owner's where each has its own."""
    rule: Id | None = None
    """The rule of the policy that decided; none where none was asked."""
    because: RouteReason
    passed_over: tuple[PassedOver, ...] = ()
    """The rules asked before that one."""
    candidates: tuple[Candidate, ...] = ()
    """The reps weighed, the chosen one first; at most the first 20."""
    next_rep_id: Id | None = None
    """Whose turn it would be now in that pool."""
    decision_no: int | None = None
    """Its number in the organisation's one order of assignments; none where no turn was taken."""
    assigned_at: Instant


class LeadRouted(Assignment, Body):
    """A lead was handed to an owner: it is an SQL."""

    TYPE: ClassVar[str] = "lead.routed"
    TOPIC: ClassVar[Topic] = LEADS_SQL
    CARRIES_PERSON: ClassVar[bool] = True


class LeadReassigned(Assignment, Body):
    """A lead that had an owner was handed to another one."""

    TYPE: ClassVar[str] = "lead.reassigned"
    TOPIC: ClassVar[Topic] = LEADS_SQL
    CARRIES_PERSON: ClassVar[bool] = True

    previous_assignment_id: UUID
    previous_owner: Owner
    reason: ReassignReason
    by: Actor


class LeadUnrouted(Qualification, Body):
    """A lead was given to nobody."""

    TYPE: ClassVar[str] = "lead.unrouted"
    TOPIC: ClassVar[Topic] = LEADS_SQL
    CARRIES_PERSON: ClassVar[bool] = True

    reason: UnroutedReason
    rule: Id | None = None
    """The rule of the gate that stopped it; none where no rule did."""
    unblocked_by: tuple[Unblock, ...] = ()
    """What would let it go on; each alone is enough."""
    decided_at: Instant


class LeadHeld(Qualification, Body):
    """A lead waits for somebody available."""

    TYPE: ClassVar[str] = "lead.held"
    TOPIC: ClassVar[Topic] = LEADS_SQL
    CARRIES_PERSON: ClassVar[bool] = True

    reason: HoldReason
    rule: Id | None = None
    pool: Id | None = None
    """The pool that it waits for."""
    unblocked_by: tuple[Unblock, ...] = ()
    """What would end the waiting before its time."""
    held_at: Instant
    until: Instant | None = None
    """When the waiting ends at the latest; none means until something unblocks it."""


class LeadOffered(Qualification, Body):
    """A lead was offered to reps, who may take it until a deadline."""

    TYPE: ClassVar[str] = "lead.offered"
    TOPIC: ClassVar[Topic] = LEADS_SQL
    CARRIES_PERSON: ClassVar[bool] = True

    offer_id: UUID
    to: tuple[Owner, ...]
    pool: Id | None = None
    calendar: Id | None = None
    rule: Id | None = None
    offered_at: Instant
    answer_by: Instant


class OfferEnd(Part):
    """What the ends of an offer have in common."""

    lead_id: UUID
    cycle: int
    offer_id: UUID
    facts: Facts = Field(default_factory=Facts)


class OfferDeclined(OfferEnd, Body):
    """A rep declined an offer."""

    TYPE: ClassVar[str] = "offer.declined"
    TOPIC: ClassVar[Topic] = LEADS_SQL
    CARRIES_PERSON: ClassVar[bool] = True

    rep: Owner
    reason: DeclineReason
    declined_at: Instant


class OfferExpired(OfferEnd, Body):
    """Nobody answered an offer in time."""

    TYPE: ClassVar[str] = "offer.expired"
    TOPIC: ClassVar[Topic] = LEADS_SQL
    CARRIES_PERSON: ClassVar[bool] = True

    to: tuple[Owner, ...]
    """Those who did not answer."""
    answer_by: Instant
