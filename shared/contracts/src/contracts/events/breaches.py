"""sla.breaches: promises that were not kept, who is told, and how marketing's side stands.

sla-monitor says them; sales and marketing tools, routing and insights read them.
"""

from datetime import date
from typing import ClassVar

from contracts.body import Body, Part
from contracts.events.clocks import Clock, Seconds
from contracts.events.kinds import CommitmentCount
from contracts.events.parts import Exact, Id, Instant, Policies
from contracts.topics import SLA_BREACHES, Topic


class SlaBreached(Clock, Body):
    """A deadline passed unmet; said once a clock."""

    TYPE: ClassVar[str] = "sla.breached"
    TOPIC: ClassVar[Topic] = SLA_BREACHES

    breached_at: Instant
    """The instant at which sla-monitor judged it: the deadline or later."""
    lateness_seconds: Seconds
    """From the deadline to that instant: how late we were to notice."""
    policies: Policies


class EscalationDue(Clock, Body):
    """Somebody is to be told of a clock."""

    TYPE: ClassVar[str] = "escalation.due"
    TOPIC: ClassVar[Topic] = SLA_BREACHES

    step: Id
    """As the policy says it: ``breach + 30m``."""
    tell: tuple[Id, ...]
    """Roles and people: ``rep``, ``manager``, ``revops``."""
    due_at: Instant


class Commitment(Part):
    """Marketing's promise over one period, as every event about it says it."""

    TOPIC: ClassVar[Topic] = SLA_BREACHES

    commitment_id: Id
    """The id of the commitment in sla.yaml."""
    period_from: date
    period_until: date
    """The first day after the period."""
    count: CommitmentCount
    promised: int
    """How many there are to be."""
    actual: int
    """How many there were so far."""
    acceptance_promised: Exact | None = None
    """The promised share of accepted among answered MQLs, 0 to 1."""
    acceptance_actual: Exact | None = None
    judged_at: Instant
    policies: Policies

    def key(self) -> str:
        """Return the commitment's id."""
        return self.commitment_id


class CommitmentAtRisk(Commitment, Body):
    """At this pace the promise will not be kept."""

    TYPE: ClassVar[str] = "commitment.at_risk"

    forecast: Exact
    """How many there will be at the period's end at this pace."""


class CommitmentMissed(Commitment, Body):
    """The period ended and the promise was not kept."""

    TYPE: ClassVar[str] = "commitment.missed"


class CommitmentMet(Commitment, Body):
    """The period ended and the promise was kept."""

    TYPE: ClassVar[str] = "commitment.met"
