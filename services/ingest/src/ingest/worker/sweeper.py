"""The door for time: sweeps the spool into Kafka, keeps the clock and the policies fresh.

Runs beside the web side of every instance. One look a second; at once when a touch was spooled.
"""

import asyncio
import contextlib
from collections.abc import Sequence

import structlog

from chassis.clock import Clock
from chassis.database import Database, is_passing
from chassis.kafka.sender import Sender
from chassis.policies.versions import PolicyBook
from chassis.stopping import COMPANION_TASKS_S
from contracts.events.kinds import TouchKind
from contracts.topics import MARKETING_TOUCHES
from ingest.domain.known import known_of
from ingest.domain.submission import Slot, Submission
from ingest.store import spool
from ingest.store.keeping import Keeper

log = structlog.get_logger()

_EVERY_S = 1.0
_AT_LEAST_S = 0.1
_FIRST = Submission(
    kind=TouchKind.AD_LEAD,
    slots={
        Slot.EMAIL: "first@start.example",
        Slot.PHONE: "+442079460000",
        Slot.COUNTRY: "GB",
        Slot.FULL_NAME: "Dr. First Start",
    },
)
"""Read at the start, so that no real lead waits until the libraries have loaded their tables."""


class Sweeper:
    """The companion of ingest's web side."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        keeper: Keeper,
        book: PolicyBook,
        clock: Clock,
        *,
        kafka_first_s: float,
    ) -> None:
        """Keep what is needed; after ``kafka_first_s`` the process is ready without Kafka."""
        self._kafka_first_s = kafka_first_s
        self._database = database
        self._sender = sender
        self._keeper = keeper
        self._book = book
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []
        self._began: float | None = None
        self._sends = False

    async def start(self) -> None:
        """Begin; Kafka is waited for in the background."""
        await asyncio.to_thread(known_of, _FIRST, {})
        self._began = asyncio.get_running_loop().time()
        self._tasks = [
            asyncio.create_task(self._begin_sending(), name="ingest.sender"),
            asyncio.create_task(self._run(), name="ingest.sweeper"),
        ]

    async def _begin_sending(self) -> None:
        await self._sender.start()
        await self._sender.know(MARKETING_TOUCHES.name)
        self._sends = True

    def lacking(self) -> Sequence[str]:
        """Say that Kafka is still waited for; not for ever, since the spool takes touches too."""
        began, now = self._began, asyncio.get_running_loop().time()
        if self._sends or (began is not None and now - began > self._kafka_first_s):
            return ()
        return ("the producer for Kafka is being opened",)

    async def stop(self) -> None:
        """End; what waits in the spool is swept at the next start."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=COMPANION_TASKS_S)
        await self._sender.stop()

    async def pending(self) -> int:
        """Return how many records wait in the spool."""
        async with self._database.transaction() as tx:
            return await spool.waiting(tx)

    async def _run(self) -> None:
        while True:
            self._keeper.wake.clear()
            try:
                more = await self._turn()
            except Exception as error:  # noqa: BLE001 - the sweep goes on whatever happens
                more = False
                level = log.warning if is_passing(error) else log.error
                level("sweep.failed", error=error)
            if not more:
                await self._rest()

    async def _rest(self) -> None:
        """Wait for the next look; between two there is a moment, for Kafka to come back."""
        await asyncio.sleep(_AT_LEAST_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_EVERY_S):
                await self._keeper.wake.wait()

    async def _turn(self) -> bool:
        """Look once; return whether there is more to sweep at once."""
        async with self._database.transaction() as tx:
            now, versions, owed = await spool.look(tx)
            self._clock.saw(now)
            await self._book.refresh(tx, versions)
            if not owed:
                # Another instance may have swept what this one's breaker opened for.
                self._keeper.close()
                return False
            swept = await spool.sweep(tx, self._sender)
        if not swept:
            return False
        log.info("spool.swept", count=swept)
        self._keeper.close()
        return swept >= spool.AT_ONCE
