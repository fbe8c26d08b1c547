"""marketing.spend: what advertising cost, by source and day.

Ingest says it; insights reads it. A later report of the same source and day takes its place.
"""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from contracts.body import Body, Part
from contracts.events.parts import Id, Instant, Money, Text
from contracts.topics import MARKETING_SPEND, Topic

Count = Annotated[int, Field(ge=0)]


class Spend(Part):
    """What one campaign cost on that day."""

    campaign_id: Id | None = None
    """None for what belongs to no campaign."""
    campaign_name: Text | None = None
    """What the platform calls the campaign."""
    channel: Id | None = None
    cost: Money
    impressions: Count | None = None
    clicks: Count | None = None


class SpendReported(Body):
    """What one source's advertising cost on one day, whole."""

    TYPE: ClassVar[str] = "spend.reported"
    TOPIC: ClassVar[Topic] = MARKETING_SPEND

    source: Id
    day: date
    """By the calendar of the advertising account."""
    spends: tuple[Spend, ...]
    reported_at: Instant

    def key(self) -> str:
        """Return source and day."""
        return f"{self.source} {self.day.isoformat()}"
