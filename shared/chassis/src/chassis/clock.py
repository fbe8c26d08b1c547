"""Time: one clock for the whole installation, PostgreSQL's, or a row in its place in simulation.

Shells wait by it; decisions get their ``now`` from the transaction, never from here.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from chassis.database import Database

_FAR = timedelta(seconds=30)
"""The longest wait without a look at the database, so that a shifted clock is noticed."""


class Clock:
    """PostgreSQL's clock as this process last saw it. Times are UTC and aware.

    Between looks it goes on with this machine's monotonic clock, so a wrong wall clock here
    changes nothing. A simulated clock stands still between moves.
    """

    def __init__(self, *, simulated: bool = False) -> None:
        """Start without knowledge; the first transaction brings it."""
        self.simulated = simulated
        self._seen: datetime | None = None
        self._seen_at = 0.0
        self._moved = asyncio.Event()

    def saw(self, now: datetime) -> None:
        """Take in what PostgreSQL's clock just said."""
        self._seen = now
        self._seen_at = time.monotonic()

    def moved(self) -> None:
        """Wake all that sleep: the simulated clock was moved."""
        self._moved.set()
        self._moved = asyncio.Event()

    def about_now(self) -> datetime:
        """Return the time as far as it is known here, to decide when to look, nothing else."""
        if self._seen is None:
            return datetime.now(UTC)
        if self.simulated:
            return self._seen
        return self._seen + timedelta(seconds=time.monotonic() - self._seen_at)

    def seconds_until(self, moment: datetime) -> float:
        """Return how long to wait before looking whether ``moment`` has come, at most 30 s."""
        left = min(moment - self.about_now(), _FAR).total_seconds()
        if self.simulated:
            return _FAR.total_seconds() if left > 0 else 0.0
        return max(left, 0.0)

    async def read(self, database: Database) -> datetime:
        """Ask PostgreSQL for the time."""
        async with database.transaction() as tx:
            row = await tx.fetch_one("SELECT clock_now() AS now")
        assert row is not None  # noqa: S101 - SELECT of a function gives a row
        now: datetime = row["now"]
        self.saw(now)
        return now

    async def sleep_until(self, moment: datetime, database: Database) -> datetime:
        """Return PostgreSQL's time once it has reached ``moment``."""
        while (now := await self.read(database)) < moment:
            moved = self._moved
            try:
                async with asyncio.timeout(self.seconds_until(moment)):
                    await moved.wait()
            except TimeoutError:
                continue
        return now
