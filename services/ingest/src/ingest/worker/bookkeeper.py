"""Once a second: what the API changed of sources, what sources sent, and who has fallen silent.

What cannot be written is kept for the next turn.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from chassis.database import is_passing
from chassis.policies.versions import PolicyBook
from chassis.stopping import COMPANION_TASKS_S
from ingest.store import sources
from ingest.store.attempts import flush, prune
from ingest.store.in_force import Sources
from ingest.store.reception import Reception
from ingest.store.watch import watch
from ingest.worker.turning import Turning

log = structlog.get_logger()

_EVERY_S = 1.0
_WATCHED_EVERY_S = 5.0
_PRUNED_EVERY = timedelta(hours=1)
_KIND = "sources"


class Bookkeeper(Turning):
    """The companion that keeps the books of sources."""

    def __init__(self, reception: Reception, book: PolicyBook) -> None:
        """Keep what is needed."""
        super().__init__("bookkeeper", _EVERY_S)
        self._database = reception.database
        self._in_force = reception.in_force
        self._attempts = reception.attempts
        self._keeper = reception.keeper
        self._names = reception.campaign_names
        self._book = book
        self._watched_at = float("-inf")
        self._seen: datetime | None = None
        self._pruned: datetime | None = None
        self._judged: Sources | None = None
        self._silent: frozenset[str] = frozenset()
        """As this instance saw them last: one that is heard again is judged at once."""

    async def stop(self) -> None:
        """End; what was noted last is written if PostgreSQL takes it at once."""
        if self._loop is None:
            return
        await super().stop()
        try:
            async with asyncio.timeout(COMPANION_TASKS_S / 2):
                await self._write()
        except Exception as error:
            if not is_passing(error):
                raise
            log.warning("attempts.not_written", error=type(error).__name__)

    async def _turn(self) -> None:
        now, heard = await self._write()
        if self._is_due(now) or heard & self._silent:
            await self._watch(now)

    async def _write(self) -> tuple[datetime, frozenset[str]]:
        """Read what the API changed and write what was noted.

        Returns PostgreSQL's time, and the sources that were heard here.
        """
        noted = self._attempts.drained()
        try:
            async with self._database.transaction() as tx:
                row = await tx.fetch_one("SELECT clock_now() AS now")
                assert row is not None  # noqa: S101 - SELECT of a function gives a row
                await self._in_force.refresh(tx, await sources.changes(tx))
                await self._names.refresh(tx)
                if noted:
                    await flush(tx, noted)
        except BaseException:
            self._attempts.put_back(noted)
            raise
        now: datetime = row["now"]
        return now, frozenset(noted.last)

    def _is_due(self, now: datetime) -> bool:
        """Tell whether to look for silence: every few seconds, or at once when something changed.

        That is the sources, or a simulated clock that was moved.
        """
        at, before = asyncio.get_running_loop().time(), self._seen
        moved = before is None or abs(now - before).total_seconds() > _WATCHED_EVERY_S
        changed = self._in_force.at(now) is not self._judged
        if at - self._watched_at < _WATCHED_EVERY_S and not moved and not changed:
            return False
        self._watched_at, self._seen = at, now
        return True

    async def _watch(self, now: datetime) -> None:
        in_force, version = self._in_force.at(now), self._book.in_force(_KIND, now)
        if in_force is None:
            return
        self._judged = in_force
        policies = {} if version is None else {_KIND: version.hash}
        async with self._database.transaction() as tx:
            if self._pruned is None or abs(now - self._pruned) > _PRUNED_EVERY:
                await prune(tx, now)
                self._pruned = now
            look = await watch(tx, in_force.every(), policies, now)
        if look is not None:
            self._silent = look.silent
            if look.said:
                self._keeper.wake.set()
