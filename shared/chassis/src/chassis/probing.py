"""What a running process answers to probes: whether it lives, is ready, and stands still.

Made by the runtime, asked by the web side, by operators and by the watchdog. Changes nothing.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from chassis.clock import Clock
from chassis.database import Database, Unavailable
from chassis.http.probes import Readiness, Stillness
from chassis.lanes.lane import LaneRunner
from chassis.lanes.progress import Progress, progress
from chassis.lanes.stepping import StepRuntime
from chassis.policies.versions import PolicyBook
from chassis.serving import Companion, Service

_STUCK_S = 30.0
_PATIENCE_S = 2.0


class Probing:
    """Implements chassis.http.probes.Probes for one process."""

    def __init__(
        self,
        service: Service,
        steps: Mapping[str, StepRuntime],
        database: Database,
        book: PolicyBook,
        clock: Clock,
    ) -> None:
        """Look at what the runtime holds; ``companions`` are told once they are made."""
        self._service = service
        self._steps = steps
        self._database = database
        self._book = book
        self._clock = clock
        self.companions: Sequence[Companion] = ()
        self.schema_lacks: str | None = None
        """What the runtime waits for before it begins; a sentence for people."""

    def live(self) -> bool:
        """Tell whether every lane moves, or has a known reason not to."""
        now = time.monotonic()
        return all(
            progress(
                lag=len(lane.queue),
                last_progress=lane.last_progress,
                now=now,
                waits=lane.waits or lane.stopped is not None,
                limit_s=_STUCK_S,
            )
            is not Progress.STUCK
            for lane in self._lanes()
        )

    async def ready(self) -> Readiness:
        """Say what is missing."""
        if self.schema_lacks is not None:
            return Readiness((self.schema_lacks,))
        try:
            now = await self._policies_now()
        except Exception as error:  # noqa: BLE001 - whatever it is, PostgreSQL is not ready
            if not self._service.needs_postgres and not self._unowned(self._clock.about_now()):
                return Readiness(tuple(self._lacking()))
            return Readiness((f"PostgreSQL does not answer as it should: {type(error).__name__}",))
        return Readiness(
            (
                *self._unjoined(),
                *self._unheard(now),
                *self._unowned(now),
                *self._standing(),
                *self._lacking(),
            )
        )

    async def _policies_now(self) -> datetime:
        async with asyncio.timeout(_PATIENCE_S), self._database.transaction() as tx:
            row = await tx.fetch_one("SELECT count(*) AS n, clock_now() AS now FROM policy_version")
            assert row is not None  # noqa: S101 - count gives a row
            await self._book.refresh(tx, row["n"])
        now: datetime = row["now"]
        return now

    def _unjoined(self) -> list[str]:
        reasons = []
        for step in self._service.steps:
            runtime = self._steps.get(step.name)
            if runtime is None or not runtime.joined:
                reasons.append(f"{step.name} has not joined its group on Kafka yet")
            elif any(lane.taken is None for lane in runtime.lanes.values()):
                reasons.append(f"{step.name} is taking its lanes")
        return reasons

    def _unheard(self, now: datetime) -> list[str]:
        reasons = []
        for step in self._service.steps:
            try:
                self._book.need(step.policy, now)
            except Unavailable as missing:
                reasons.append(f"{step.name}: {missing}")
        return reasons

    def _unowned(self, now: datetime) -> list[str]:
        return [
            f"no {source.kind.value} policy is in force yet"
            for source in self._service.owns
            if self._book.in_force(source.kind.value, now) is None
        ]

    def _lacking(self) -> list[str]:
        return [reason for companion in self.companions for reason in companion.lacking()]

    def _standing(self) -> list[str]:
        return [
            f"{lane.ground.step.name} lane {lane.part} stands: {lane.stopped}"
            for lane in self._lanes()
            if lane.stopped is not None
        ]

    def _lanes(self) -> list[LaneRunner]:
        return [lane for step in self._steps.values() for lane in step.lanes.values()]

    async def still(self, until: datetime | None) -> Stillness:  # noqa: ARG002 - the app compares
        """Say what is left: records not decided, rows not sent, the next timer."""
        lag = sum([await step.lag() for step in self._steps.values()])
        lag += sum(
            step.name not in self._steps or not self._steps[step.name].joined
            for step in self._service.steps
        )
        lag += sum([await companion.pending() for companion in self.companions])
        async with self._database.transaction() as tx:
            row = await tx.fetch_one(
                "SELECT (SELECT count(*) FROM outbox) AS outbox, "
                "(SELECT min(due_at) FROM timer) AS next_timer"
            )
        assert row is not None  # noqa: S101 - a SELECT without FROM gives a row
        return Stillness(lag, row["outbox"], row["next_timer"])
