"""sales.team: reps, pools, absences, account owners and credits, each as a snapshot.

Routing's lane 0 says them from the team policy and the API's facts; sla-monitor, insights read.
"""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from contracts.body import Body, Part
from contracts.events.parts import Actor, Exact, Id, Instant, Policies, Text
from contracts.reasons import AbsenceReason, CreditReason
from contracts.topics import SALES_TEAM, Topic


class Colleague(Part):
    """Somebody of ours who can be told."""

    id: Id
    name: Text
    email: Text | None = None
    outside_ids: Mapping[str, str] = Field(default_factory=dict)
    """Ids elsewhere, by system."""


class Absence(Part):
    """A stretch of time in which a rep gets no leads."""

    since: Instant
    until: Instant | None = None
    """The first instant after it; none means until somebody says so."""
    reason: AbsenceReason


class RepChanged(Body):
    """A rep, whole."""

    TYPE: ClassVar[str] = "rep.changed"
    TOPIC: ClassVar[Topic] = SALES_TEAM

    rep: Colleague
    active: bool
    """Whether the rep works here."""
    calendar: Id | None = None
    """The name of the rep's calendar."""
    languages: tuple[Id, ...] = ()
    """ISO 639-1."""
    team: Id | None = None
    manager: Colleague | None = None
    pools: tuple[Id, ...] = ()
    """The pools that the rep is a member of."""
    policies: Policies

    def key(self) -> str:
        """Return the rep's id."""
        return self.rep.id


class PoolChanged(Body):
    """A pool, whole."""

    TYPE: ClassVar[str] = "pool.changed"
    TOPIC: ClassVar[Topic] = SALES_TEAM

    pool: Id
    active: bool
    """Whether the policy still has it."""
    members: Mapping[str, Exact]
    """Rep id to weight, above 0."""
    calendar: Id | None = None
    """The name of its calendar; none where each member has one."""
    turn: Id
    """``weighted``, ``least-open``, ``best-match`` or ``by-hand``."""
    overflow: Id | None = None
    """The pool that takes turns when nobody is available here."""
    policies: Policies

    def key(self) -> str:
        """Return the pool's id."""
        return self.pool


class AvailabilityChanged(Body):
    """When a rep gets no leads, whole: what is not listed is no absence any more."""

    TYPE: ClassVar[str] = "availability.changed"
    TOPIC: ClassVar[Topic] = SALES_TEAM

    rep_id: Id
    absences: tuple[Absence, ...]
    """Earliest first, those to come included."""
    changed_at: Instant
    by: Actor

    def key(self) -> str:
        """Return the rep's id."""
        return self.rep_id


class AccountChanged(Body):
    """Who holds a company."""

    TYPE: ClassVar[str] = "account.changed"
    TOPIC: ClassVar[Topic] = SALES_TEAM

    account: Id
    """The registrable domain."""
    rep_id: Id | None = None
    """None where nobody holds it any more."""
    since: Instant
    outside_id: Id | None = None
    """The company's id in the CRM."""
    by: Actor

    def key(self) -> str:
        """Return the account's domain."""
        return self.account


class CreditGiven(Body):
    """A correction of a rep's turns in a pool."""

    TYPE: ClassVar[str] = "credit.given"
    TOPIC: ClassVar[Topic] = SALES_TEAM

    credit_id: UUID
    rep_id: Id
    pool: Id
    turns: Exact
    """How many turns more the rep is due; negative takes turns away."""
    reason: CreditReason
    assignment_id: UUID | None = None
    """The assignment that it makes good."""
    given_at: Instant
    by: Actor

    def key(self) -> str:
        """Return the rep's id."""
        return self.rep_id
