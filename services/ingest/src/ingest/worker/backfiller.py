"""The door for time at platforms: asks them for leads whose notice never came.

Runs beside the web side of every instance; one of them does each asking. What is found goes where
notices go, so that a lead that is known is not fetched again.
"""

import asyncio
from datetime import timedelta

import structlog

from ingest.domain.fetching import Hindered, Listed
from ingest.domain.kinds.kind import Heard
from ingest.store import backfills, fetches
from ingest.store.backfills import Backfill
from ingest.store.receiving import keep
from ingest.store.reception import Reception
from ingest.worker.platform_calls import Platform, followed, platforms_of, wait_before
from ingest.worker.platform_client import PlatformClient
from ingest.worker.turning import Turning

log = structlog.get_logger()

_EVERY_S = 2.0
_RENEW_S = 1.5
_MOST_TRIES = 10
_OVERLAP = timedelta(days=1)
"""How much of what was asked before is asked again: a platform may list a lead late."""


class Backfiller(Turning):
    """The companion that asks for what was missed."""

    def __init__(self, reception: Reception, client: PlatformClient) -> None:
        """Keep what is needed; the fetcher opens and closes the client."""
        super().__init__("backfiller", _EVERY_S)
        self._reception = reception
        self._client = client

    async def _turn(self) -> None:
        platforms = await platforms_of(self._reception)
        if not platforms:
            return
        every = {name: each.rule.every.span for name, each in platforms.items() if each.rule.every}
        async with self._reception.database.transaction() as tx:
            await backfills.ask_those_due(tx, every, _OVERLAP)
            asked = await backfills.claim(tx, list(platforms))
        if asked is None:
            return
        listing = asyncio.create_task(self._listed(asked, platforms[asked.source]))
        try:
            while not (await asyncio.wait([listing], timeout=_RENEW_S))[0]:
                async with self._reception.database.transaction() as tx:
                    await backfills.renew(tx, asked.source)
            await listing
        finally:
            listing.cancel()

    async def _listed(self, asked: Backfill, platform: Platform) -> None:
        found = await followed(
            self._client,
            platform,
            lambda got: platform.fetching.listing(
                platform.door.source, platform.held, asked.since, got
            ),
        )
        if isinstance(found, Hindered):
            tries = asked.tries + 1
            async with self._reception.database.transaction() as tx:
                after_s, last = wait_before(tries, found), tries >= _MOST_TRIES
                await backfills.failed(tx, asked, found.why, after_s, last=last)
            log.warning("backfill.hindered", source=asked.source, why=found.why.value)
            return
        await self._queued(asked, platform, found)

    async def _queued(self, asked: Backfill, platform: Platform, found: Listed) -> None:
        await keep(self._reception, platform.door, Heard(found.submissions))
        async with self._reception.database.transaction() as tx:
            missed = await fetches.put(tx, platform.door, found.pointers)
            await backfills.done(tx, asked, len(found.pointers), missed)
        self._reception.pointed.set()
        log.info("backfill.done", source=asked.source, found=len(found.pointers), missed=missed)
