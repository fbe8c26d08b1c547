"""What people may do to a running service: the runtime implements it, admin's routes call it.

Frozen results and one Protocol. Instants are UTC and aware. Absent things are LookupError,
refusals are Refused; admin makes problems of both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from chassis.http.principal import Principal


class Refused(Exception):  # noqa: N818 - a decision, not a defect
    """What was asked cannot be done now; the text says why and what would make it possible."""


class ParkedState(StrEnum):
    """Where a parked message is."""

    PARKED = "parked"
    """Put aside; nothing happens until somebody asks."""
    RETRYING = "retrying"
    """Handed to the lane's owner."""
    DONE = "done"
    """Taken up again and decided."""


@dataclass(frozen=True, slots=True)
class ParkedMessage:
    """A message put aside. Never its body: that may hold a person."""

    id: UUID
    step: str
    lane: int
    topic: str
    partition: int
    offset: int
    event_id: str | None
    event_type: str | None
    reason: str
    """A word of a closed list."""
    detail: str
    """The error's class and place, or the fields that were wrong; no values."""
    tries: int
    parked_at: datetime
    state: ParkedState


@dataclass(frozen=True, slots=True)
class ParkedPage:
    """A page of parked messages, oldest first."""

    items: Sequence[ParkedMessage]
    after: tuple[datetime, UUID] | None
    """Where the next page begins; None: this was the last."""


class LaneState(StrEnum):
    """What a lane is doing."""

    ELSEWHERE = "elsewhere"
    """Another instance holds it, or nobody does."""
    TAKING = "taking"
    """This instance is taking it: fence, left-over outbox, seek."""
    RUNNING = "running"
    """This instance reads, decides and publishes it."""
    STOPPED = "stopped"
    """It stands until a person decides; ``reason`` says why."""


@dataclass(frozen=True, slots=True)
class LanePosition:
    """How far a lane is in one partition of a topic."""

    topic: str
    partition: int
    next_offset: int
    end_offset: int | None
    """None: not known here."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane of one step, as this instance sees it."""

    step: str
    lane: int
    state: LaneState
    epoch: int
    reason: str | None
    outbox: int
    next_timer: datetime | None
    positions: Sequence[LanePosition]


class VerifyState(StrEnum):
    """How far a verification is."""

    RUNNING = "running"
    EQUAL = "equal"
    """Every decision was re-derived byte for byte."""
    DIFFERENT = "different"
    """At least one decision was not; ``differences`` names the first ones."""
    CANCELLED = "cancelled"
    FAILED = "failed"
    """It could not be finished; ``error`` says why."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One decision that came out otherwise. Bodies hold no person."""

    decision: str
    """The decision's place: step, lane and number."""
    key: str
    recorded: Mapping[str, Any] | None
    derived: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Verification:
    """A background job that re-derives history."""

    id: UUID
    state: VerifyState
    started_at: datetime
    ended_at: datetime | None
    done: int
    """Decisions looked at."""
    total: int | None
    differences: Sequence[Difference]
    different: int
    """How many differ; ``differences`` holds at most the first 100."""
    error: str | None = None


class Operations(Protocol):
    """Implemented by the runtime. Every change writes its own audit row in its transaction."""

    async def parked(
        self, state: ParkedState | None, after: tuple[datetime, UUID] | None, limit: int
    ) -> ParkedPage:
        """Return a page of parked messages."""
        ...

    async def parked_one(self, parked_id: UUID) -> ParkedMessage:
        """Return one. Raises LookupError."""
        ...

    async def retry(self, parked_id: UUID, who: Principal) -> ParkedMessage:
        """Hand it to its lane's owner again. Raises LookupError, Refused."""
        ...

    async def lanes(self) -> Sequence[Lane]:
        """Return every lane of every step of this service."""
        ...

    async def lane(self, step: str, lane: int) -> Lane:
        """Return one lane. Raises LookupError."""
        ...

    async def resume(self, step: str, lane: int, *, accept_gap: bool, who: Principal) -> Lane:
        """Let a stopped lane go on. Raises LookupError, Refused (a gap nobody accepted)."""
        ...

    async def verify(self, who: Principal) -> Verification:
        """Start a verification, or return the one that runs."""
        ...

    async def verification(self, job: UUID) -> Verification:
        """Return how far a job is. Raises LookupError."""
        ...

    async def cancel_verification(self, job: UUID, who: Principal) -> Verification:
        """Stop a job; one that has ended stays as it is. Raises LookupError."""
        ...

    async def clock(self) -> datetime:
        """Return what the installation's clock says now."""
        ...

    async def move_clock(self, to: datetime, who: Principal) -> datetime:
        """Move the simulated clock forward. Raises Refused: real clock, backwards, not still."""
        ...
