"""`Recorded`: one event as insights keeps it, without person. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Recorded:
    """One event of the timeline. Instants are aware, in UTC."""

    lane: int
    no: int
    """Its number in the lane, in the order in which insights wrote it down."""
    event_id: UUID
    lead_id: UUID | None
    """None for what concerns no lead."""
    type: str
    cause: UUID | None
    occurred_at: datetime
    recorded_at: datetime
    heard_at: datetime
    """When insights wrote it down."""
    mode: str
    body: Mapping[str, Any]

    @property
    def received_at(self) -> datetime | None:
        """When ingest took in the touch that this event tells of; none for other events."""
        text = self.body.get("received_at") if self.type in _TOUCH_TYPES else None
        return None if text is None else datetime.fromisoformat(text)


_TOUCH_TYPES = frozenset({"touch.resolved", "consent.resolved", "facts.resolved"})
