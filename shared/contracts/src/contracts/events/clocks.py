"""sla.clocks: the running promises to one lead, their warnings and their ends.

sla-monitor says them; insights and routing read them.
"""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from contracts.body import Body, Part
from contracts.events.kinds import ClockTime
from contracts.events.parts import Id, Instant, Owner, Policies, Text
from contracts.facts import Facts
from contracts.reasons import ClockReason
from contracts.topics import SLA_CLOCKS, Topic

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""A length of time in seconds, to the microsecond."""


class WarningStep(Part):
    """A step before the deadline at which somebody is warned."""

    step: Id
    """As the policy says it: ``50%`` or ``1m before``."""
    at: Instant


class Clock(Part):
    """One running target of one lead, as every event about it says it."""

    clock_id: UUID
    lead_id: UUID
    cycle: int
    target: Id
    """``first_contact``, ``route``, ``accept`` …"""
    policy_id: Id
    """The id of the policy in sla.yaml that matched the lead."""
    assignment_id: UUID | None = None
    owner: Owner | None = None
    """Who keeps the promise; none before the lead has an owner."""
    assigned_at: Instant | None = None
    pool: Id | None = None
    calendar: Id | None = None
    """The calendar that the clock runs by; none on wall time."""
    time: ClockTime
    starts_at: Instant
    deadline: Instant
    facts: Facts = Field(default_factory=Facts)
    """``lead.*`` and ``company.*`` as known when the clock was started."""


class ClockEvent(Clock):
    """A clock and the topic of what is told about it."""

    TOPIC: ClassVar[Topic] = SLA_CLOCKS


class ClockStarted(ClockEvent, Body):
    """A promise to a lead began to run."""

    TYPE: ClassVar[str] = "clock.started"

    allowed_seconds: Seconds
    """How much of the clock's time the policy allows."""
    warnings: tuple[WarningStep, ...] = ()
    """When somebody will be warned, earliest first."""
    policies: Policies


class ClockPaused(ClockEvent, Body):
    """The clock stands still."""

    TYPE: ClassVar[str] = "clock.paused"

    pause: Id
    """The id of the pause in sla.yaml."""
    paused_at: Instant
    until: Instant | None = None
    """When it goes on at the latest."""


class ClockResumed(ClockEvent, Body):
    """The clock goes on; ``deadline`` is the new one."""

    TYPE: ClassVar[str] = "clock.resumed"

    pause: Id
    resumed_at: Instant
    warnings: tuple[WarningStep, ...] = ()


class ClockMet(ClockEvent, Body):
    """The promise was kept, or done at last after its breach."""

    TYPE: ClassVar[str] = "clock.met"

    met_at: Instant
    met_by: UUID
    """The event that met it."""
    in_time: bool
    used_seconds: Seconds
    """How much of the clock's time went by."""


class ClockWarned(ClockEvent, Body):
    """The deadline comes near."""

    TYPE: ClassVar[str] = "clock.warned"

    step: Id
    warned_at: Instant


class ClockCorrected(ClockEvent, Body):
    """The clock was different from what was told, or ended without being met."""

    TYPE: ClassVar[str] = "clock.corrected"

    reason: ClockReason
    corrected_at: Instant
    previous_deadline: Instant
    """The deadline told before; equal to ``deadline`` where only the end differs."""
    withdraws_breach: bool = False
    """Whether a breach that was told is taken back."""
    open: bool
    """Whether the clock still runs."""
    note: Text | None = None
