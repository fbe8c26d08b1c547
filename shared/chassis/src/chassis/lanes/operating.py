"""The whole of what operators may do to one service: lanes, parked messages, verify, the clock.

Made by the runtime, asked by the admin routes.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from uuid import UUID

from chassis.clock import Clock
from chassis.database import Database
from chassis.http.audit import record
from chassis.http.operations import Refused, Verification
from chassis.http.principal import Principal
from chassis.http.probes import Stillness
from chassis.lanes.overseeing import Overseer
from chassis.lanes.stepping import StepRuntime
from chassis.lanes.verifying import Verifier

Still = Callable[[datetime | None], Awaitable[Stillness]]


class Operator(Overseer):
    """Implements chassis.http.operations.Operations."""

    def __init__(
        self,
        database: Database,
        steps: Mapping[str, StepRuntime],
        verifier: Verifier,
        clock: Clock,
        still: Still,
    ) -> None:
        """Keep what is operated."""
        super().__init__(database, steps)
        self._database = database
        self._verifier = verifier
        self._clock = clock
        self._still = still

    async def verify(self, who: Principal) -> Verification:
        """Start a verification, or return the one that runs."""
        job = self._verifier.start()
        async with self._database.transaction() as tx:
            await record(tx, who, "verify.start", str(job.id), None, None)
        return job

    async def verification(self, job: UUID) -> Verification:
        """Return how far a job is. Raises LookupError."""
        return self._verifier.found(job)

    async def cancel_verification(self, job: UUID, who: Principal) -> Verification:
        """Stop a job. Raises LookupError."""
        found = self._verifier.cancel(job)
        async with self._database.transaction() as tx:
            await record(tx, who, "verify.cancel", str(job), None, None)
        return found

    async def clock(self) -> datetime:
        """Return what the installation's clock says."""
        return await self._clock.read(self._database)

    async def move_clock(self, to: datetime, who: Principal) -> datetime:
        """Move the simulated clock forward. Raises Refused: backwards, or not still."""
        now = await self._clock.read(self._database)
        if to <= now:
            raise Refused(f"The clock stands at {now.isoformat()} and moves forward only.")
        stillness = await self._still(to)
        if stillness.lag or stillness.outbox:
            raise Refused("Something is under way: ask /still until nothing is, then move.")
        due = stillness.next_timer
        if due is not None and now < due < to:
            raise Refused(f"A timer is due at {due.isoformat()}: move there first.")
        async with self._database.transaction() as tx:
            await tx.execute("SELECT clock_advance($1)", to)
            await record(tx, who, "clock.move", "clock", {"now": now}, {"now": to})
        return await self._clock.read(self._database)
