"""The door for platforms: fetches the leads that they only point at, after they had their answer.

Runs beside the web side of every instance. A claim on a lead ends by itself, so that whatever an
instance had under way when it crashed is fetched by another.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import structlog

from chassis.database import is_passing
from chassis.stopping import COMPANION_TASKS_S
from chassis.telemetry.metrics import Meaning, Meters, MetricName
from ingest.domain.fetching import Got, Hindered, Hindrance, Step
from ingest.domain.kinds.kind import Heard
from ingest.domain.scrubbing import scrubbed
from ingest.domain.submission import Submission
from ingest.store import fetches
from ingest.store.fetches import Waiting
from ingest.store.receiving import keep
from ingest.store.reception import Reception
from ingest.worker.pauses import Pauses
from ingest.worker.platform_calls import Platform, followed, platforms_of, wait_before
from ingest.worker.platform_client import PlatformClient
from ingest.worker.turning import Turning

log = structlog.get_logger()

_EVERY_S, _AT_LEAST_S = 1.0, 0.05
_AT_ONCE = 32
_FORGET_EVERY_S = 3_600.0
_FETCHED, _PARKED = "fetched", "parked"


class FetchMetric(MetricName):
    """What fetching counts."""

    FETCHED = Meaning(
        "baton_lead_fetches_total",
        "Tries to fetch a lead from its platform, by outcome.",
        ("outcome",),
    )
    DUE = Meaning("baton_lead_fetches_due", "Leads that are due to be fetched from platforms.")


class Fetcher(Turning):
    """The companion that fetches."""

    def __init__(self, reception: Reception, client: PlatformClient, meters: Meters) -> None:
        """Keep what is needed; ``reception.pointed`` wakes it when there is something to fetch."""
        super().__init__("fetcher", _EVERY_S)
        self._reception = reception
        self._client = client
        self._counts = meters.counter(FetchMetric.FETCHED)
        self._due = meters.gauge(FetchMetric.DUE)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._pauses = Pauses()
        self._forgot_at = float("-inf")

    async def start(self) -> None:
        """Begin; what an instance before has left is taken up."""
        self._client.open()
        await super().start()

    async def stop(self) -> None:
        """End; what is under way is begun again by whoever runs next."""
        await super().stop()
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=COMPANION_TASKS_S)
        await self._client.close()

    async def pending(self) -> int:
        """Return how many leads are due or under way."""
        async with self._reception.database.transaction() as tx:
            return max(await fetches.due(tx), len(self._under_way))

    async def _rest(self) -> None:
        """Wait for the next look, or for something to fetch."""
        await asyncio.sleep(_AT_LEAST_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_EVERY_S):
                await self._reception.pointed.wait()

    async def _turn(self) -> None:
        """Renew what is under way and take what is due."""
        self._reception.pointed.clear()
        platforms = await platforms_of(self._reception)
        if not platforms and not self._under_way:
            return
        free = _AT_ONCE - len(self._under_way)
        now = asyncio.get_running_loop().time()
        async with self._reception.database.transaction() as tx:
            await fetches.renew(tx, list(self._under_way))
            claimed = await fetches.claim(tx, list(platforms), free)
            self._due.set(await fetches.due(tx))
            if now - self._forgot_at > _FORGET_EVERY_S:
                await fetches.forget(tx)
                self._forgot_at = now
        for each in claimed:
            task = asyncio.create_task(self._fetch(each, platforms[each.source_id]))
            self._under_way[each.id] = task
            task.add_done_callback(partial(self._ended, each.id))

    def _ended(self, fetch_id: int, task: "asyncio.Task[None]") -> None:
        self._under_way.pop(fetch_id, None)
        self._reception.pointed.set()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            # The claim runs out, and the lead is fetched again.
            level = log.warning if is_passing(error) else log.error
            level("fetch.failed", error=type(error).__name__)

    async def _fetch(self, waiting: Waiting, platform: Platform) -> None:
        at_once = platform.fetching.at_once
        async with self._gates.setdefault(waiting.source_id, asyncio.Semaphore(at_once)):
            found: Submission | Hindered | None = self._pauses.hindering(waiting.source_id)
            if found is None:
                found = await followed(self._client, platform, partial(_step, waiting, platform))
        if isinstance(found, Hindered):
            await self._put_off(waiting, platform, found)
        else:
            await self._keep(waiting, platform, found)

    async def _keep(self, waiting: Waiting, platform: Platform, told: Submission) -> None:
        """Make the touch durable and only then take the lead off the queue."""
        self._pauses.ended(waiting.source_id)
        secrets = (*platform.held.keys, *platform.held.named.values())
        clean = scrubbed(told, secrets)
        if waiting.pointer.is_test:
            clean = replace(clean, is_test=True)
        door = replace(platform.door, received_at=waiting.received_at)
        await keep(self._reception, door, Heard((clean,)))
        async with self._reception.database.transaction() as tx:
            await fetches.done(tx, waiting.id)
        self._counts.labels(_FETCHED).inc()

    async def _put_off(self, waiting: Waiting, platform: Platform, hindered: Hindered) -> None:
        self._counts.labels(hindered.why.value).inc()
        source_id, tries = waiting.source_id, waiting.tries + 1
        last = False
        if hindered.whole_source:
            after_s = self._pauses.begun(source_id, hindered)
        else:
            last = tries >= platform.rule.tries_for(hindered.why)
            after_s = wait_before(tries, hindered)
        async with self._reception.database.transaction() as tx:
            if hindered.why is Hindrance.ABSENT and waiting.pointer.is_test:
                # A sample points at a lead that nobody sent in.
                await fetches.done(tx, waiting.id)
                return
            await fetches.failed(
                tx,
                waiting.id,
                hindered.why,
                after_s,
                counts=not hindered.whole_source,
                last=last,
            )
            if hindered.whole_source:
                await fetches.put_off(tx, source_id, hindered.why, after_s)
        level = log.error if last else log.warning
        level("fetch.hindered", source=source_id, why=hindered.why.value, given_up=last)
        if last:
            self._counts.labels(_PARKED).inc()


def _step(waiting: Waiting, platform: Platform, got: Sequence[Got]) -> Step:
    return platform.fetching.step(waiting.pointer, platform.door.source, platform.held, got)
