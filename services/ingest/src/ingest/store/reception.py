"""What doors for people and doors for time share: sources in force, and touches made durable.

One a process; ``receiving`` works with it. Nothing here knows HTTP.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from chassis.clock import Clock
from chassis.database import Database
from ingest.domain.source import Source
from ingest.domain.touch import Door
from ingest.store.attempts import Attempts
from ingest.store.campaign_names import CampaignNames
from ingest.store.in_force import InForce, Sources
from ingest.store.keeping import Keeper


@dataclass(frozen=True, slots=True)
class Reception:
    """Where touches come in."""

    database: Database
    clock: Clock
    in_force: InForce
    keeper: Keeper
    secret: bytes
    """The installation's."""
    attempts: Attempts
    campaign_names: CampaignNames = field(default_factory=CampaignNames)
    pointed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when there are leads to fetch."""

    async def now(self) -> datetime:
        """Return the time; only a simulated clock has to be asked for it."""
        if self.clock.simulated:
            return await self.clock.read(self.database)
        return self.clock.about_now()

    def door(
        self,
        sources: Sources,
        source_id: str,
        source: Source,
        now: datetime,
        idempotency_key: str | None = None,
    ) -> Door:
        """Return the door of a source."""
        return Door(
            source_id=source_id,
            source=source,
            channels=sources.policy.channels,
            secret=self.secret,
            received_at=now,
            idempotency_key=idempotency_key,
            campaigns=sources.policy.listed,
            campaign_names=self.campaign_names.known,
        )
