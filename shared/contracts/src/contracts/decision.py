"""What a pure decision is made of: the answer, what it says, the timers it sets, a refusal.

Domains make these and chassis carries them out; nothing here acts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from contracts.body import Body, Part
from contracts.event import Mode

S = TypeVar("S")


class Refused(Exception):  # noqa: N818 - a person asked for what is not possible; not a fault
    """A command that cannot be done. Nothing is stored; the door answers with what it says."""

    def __init__(self, reason: str, detail: str, *, status: int = 409) -> None:
        """Keep a slug for programs, a sentence for people and the HTTP status."""
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.status = status


class TimerDue(Part):
    """A timer that a decision set has come due; it is decided on like an event."""

    name: str
    due_at: datetime
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Timer:
    """One timer of a key, replaced by its name; ``due_at`` None takes it back."""

    name: str
    due_at: datetime | None
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Say:
    """A body to be sent, with what differs from its cause.

    ``occurred_at`` None means the decision's now; ``mode`` None means the mode of the cause.
    """

    body: Body
    occurred_at: datetime | None = None
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class Decision(Generic[S]):
    """What ``decide(state, event, policy, now)`` returns."""

    state: S
    says: tuple[Say | Body, ...] = ()
    timers: tuple[Timer, ...] = ()
