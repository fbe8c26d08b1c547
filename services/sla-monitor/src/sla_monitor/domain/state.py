"""What sla-monitor knows of one lead: its cycles, their clocks, and what came before its clock.

Frozen values, kept as JSON by store and history. Nothing here decides.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from contracts.body import Part
from contracts.event import Mode
from contracts.events.clocks import Clock, WarningStep
from contracts.reasons import ClockReason

KEPT_CYCLES = 3
_MOST_EARLY = 20


class ClockState(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    """Its deadline has not passed, as far as was judged."""
    MET = "met"
    """Kept in time."""
    BREACHED = "breached"
    """Its deadline passed and nobody has done it since."""
    LATE = "late"
    """Done at last, after its deadline."""
    ENDED = "ended"
    """The lead left before anybody did it; in time, or after a breach."""


class Heard(Part):
    """A contact, or (with a reason) an end of the cycle, as the clocks take it."""

    event_id: UUID
    at: datetime
    reason: ClockReason | None = None
    """Why the cycle ended; none for a contact."""


class Running(Part):
    """One clock and what became of it."""

    clock: Clock
    mode: Mode
    policies: Mapping[str, str]
    warnings: tuple[WarningStep, ...] = ()
    warned: tuple[str, ...] = ()
    """The steps that were told."""
    breached_at: datetime | None = None
    """When the breach was judged; stays when it was taken back."""
    withdrawn: bool = False
    """Whether the breach was taken back."""
    met_at: datetime | None = None
    met_by: UUID | None = None
    ended_at: datetime | None = None
    ended_by: ClockReason | None = None

    @property
    def breached(self) -> bool:
        """Whether a breach was told and holds."""
        return self.breached_at is not None and not self.withdrawn

    @property
    def is_open(self) -> bool:
        """Whether somebody has still to do it."""
        return self.met_at is None and self.ended_by is None

    @property
    def state(self) -> ClockState:
        """How it stands."""
        if self.met_at is not None:
            return ClockState.LATE if self.met_at > self.clock.deadline else ClockState.MET
        if self.ended_by is not None:
            return ClockState.ENDED
        return ClockState.BREACHED if self.breached else ClockState.RUNNING


class Cycle(Part):
    """One cycle of a lead."""

    number: int
    clocks: tuple[Running, ...] = ()
    early: tuple[Heard, ...] = ()
    """What was heard before the lead was handed over here, in that order: another topic's half."""

    def waiting(self, heard: Heard) -> "Cycle":
        """Return the cycle with what came before its clocks; what can change nothing is left."""
        of_kind = [each for each in self.early if (each.reason is None) == (heard.reason is None)]
        earliest = min((each.at for each in of_kind), default=None)
        is_news = earliest is None or (heard.reason is None and heard.at < earliest)
        if not is_news or len(self.early) >= _MOST_EARLY:
            return self
        return self.model_copy(update={"early": (*self.early, heard)})


class Desk(Part):
    """All that sla-monitor knows of one lead."""

    cycles: tuple[Cycle, ...] = ()
    """The newest few and every one with an open clock, by number."""
    merged: Heard | None = None
    """Set while the lead is merged into another one."""
    calendars: Mapping[str, str] = Field(default_factory=dict)
    """Rep to calendar, of the reps that the event at hand names; loaded, never saved."""

    def cycle(self, number: int) -> Cycle:
        """Return a cycle, an empty one where nothing was heard of it."""
        found = (each for each in self.cycles if each.number == number)
        return next(found, Cycle(number=number))

    def with_cycle(self, cycle: Cycle) -> "Desk":
        """Return the desk with this cycle in its place, old and done ones forgotten."""
        others = [each for each in self.cycles if each.number != cycle.number]
        ordered = sorted([*others, cycle], key=lambda each: each.number)
        old = ordered[:-KEPT_CYCLES]
        kept = [each for each in old if any(clock.is_open for clock in each.clocks)]
        return self.model_copy(update={"cycles": (*kept, *ordered[-KEPT_CYCLES:])})
