"""A made-up lead whose events another service would say: one touch's whole walk, by causes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts.event import Event, Mode
from contracts.events.clocks import ClockStarted
from contracts.events.mql import LeadQualified
from contracts.events.resolved import TouchResolved
from contracts.events.scored import LeadScored
from contracts.events.sql import LeadRouted
from tests.integration.sla_monitor.stage import body, event


@dataclass(frozen=True)
class Walk:
    """The events of one touch in the order of their causes; 1, 2, 2, 3 and 4 ms after receipt."""

    lead: UUID
    touch: UUID
    received_at: datetime
    events: tuple[Event[Any], ...]
    """Resolved, scored, qualified, routed, clock started."""


def a_walk(mode: Mode = Mode.LIVE, lead: UUID | None = None) -> Walk:
    """Return a new lead's walk."""
    lead, touch, received = lead or uuid4(), uuid4(), datetime.now(UTC)

    def at(ms: int) -> datetime:
        return received + timedelta(milliseconds=ms)

    times = {"received_at": received, "resolved_at": at(1), "qualified_at": at(2)}
    of = {"lead_id": lead, "touch_id": touch, **times}
    resolved = event(body(TouchResolved, **of), cause=uuid4(), at=at(1), mode=mode)
    scored = event(body(LeadScored, **of), cause=resolved.id, at=at(2), mode=mode)
    qualified = event(body(LeadQualified, **of), cause=resolved.id, at=at(2), mode=mode)
    routed = event(
        body(LeadRouted, **of, assigned_at=at(3)), cause=qualified.id, at=at(3), mode=mode
    )
    started = event(
        body(ClockStarted, lead_id=lead, clock_id=uuid4()), cause=routed.id, at=at(4), mode=mode
    )
    return Walk(lead, touch, received, (resolved, scored, qualified, routed, started))
