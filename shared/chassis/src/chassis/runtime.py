"""One running process of a service: opens everything, serves, and stops it in order.

Made by chassis.entry; implements what the web side asks (probes, operations). Knows no business
word: what the service does stands in its ``Service``.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI

from chassis.clock import Clock
from chassis.database import Database, Tx, Unavailable
from chassis.http.access import Access
from chassis.http.admin import admin_router
from chassis.http.app import make_app
from chassis.http.probes import Readiness, Stillness
from chassis.http.server import WebServer
from chassis.installation import LanesDiffer, lanes_differ
from chassis.kafka.sender import Sender
from chassis.lanes.batch import Outcome
from chassis.lanes.commands import CommandDesk, LaneOutlet, channel_of
from chassis.lanes.lane import Ground, LaneRunner
from chassis.lanes.listening import Listening
from chassis.lanes.meters import LaneMeters
from chassis.lanes.operating import Operator
from chassis.lanes.progress import Progress, progress
from chassis.lanes.retry import backoff_s
from chassis.lanes.step import Step
from chassis.lanes.stepping import StepRuntime
from chassis.lanes.sweeping import sweep_for_ever
from chassis.lanes.verifying import Verifier
from chassis.policies.files import publish_files
from chassis.policies.owning import Outlet
from chassis.policies.routes import policy_router
from chassis.policies.versions import PolicyBook
from chassis.serving import Companion, Service
from chassis.settings import Settings
from chassis.telemetry.metrics import Meters
from chassis.telemetry.tracing import make_tracing
from contracts.events import types_of
from contracts.topics import TOPICS

log = structlog.get_logger()

_DRAIN_S = 5.0
_STUCK_S = 30.0
_TYPES = {topic.name: types_of(topic) for topic in TOPICS}


class Runtime:
    """A service's process. ``start`` it, ``stop`` it; once each."""

    def __init__(
        self,
        service: Service,
        settings: Settings,
        *,
        on_commit: Callable[[Outcome], None] = lambda _: None,
    ) -> None:
        """Put everything together; nothing is opened yet."""
        self.service = service
        self.settings = settings
        self.database = Database(settings, idle_in_transaction_s=service.idle_in_transaction_s)
        self.book = PolicyBook()
        self.clock = Clock(simulated=settings.clock == "simulated")
        self.sender = Sender(settings)
        self.meters = Meters(service.name, instance=settings.instance)
        self.tracing = make_tracing(settings.otlp_endpoint, service.name, settings.instance)
        self.access = Access(settings, self.meters)
        self.incarnation = ""
        self._hearers = [on_commit]
        self._lane_meters = LaneMeters(self.meters)
        self.steps: dict[str, StepRuntime] = {}
        self.desk = CommandDesk(
            self.database, self.book, settings, lambda: self.incarnation, service.name
        )
        self.operator = Operator(
            self.database,
            self.steps,
            Verifier(self.database, self.book, service.steps),
            self.clock,
            self.still,
        )
        self._listening = Listening(
            self.database,
            {channel_of(settings.postgres_schema): self._woken, "clock": self._clock_moved},
            self._wake_all,
        )
        self.outlet: Outlet = (
            LaneOutlet(self.desk, service.steps[0])
            if service.outlet is None
            else service.outlet(self)
        )
        self._companions: Sequence[Companion] = service.companions(self)
        self._web: WebServer | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._beginning: asyncio.Task[None] | None = None
        self.stopping = asyncio.Event()
        """Set when the process begins to stop, for requests that wait."""

    def hear_commits(self, hear: Callable[[Outcome], None]) -> None:
        """Have ``hear`` told of every batch that a lane commits in this process; it only wakes."""
        self._hearers.append(hear)

    def _committed(self, outcome: Outcome) -> None:
        for hear in self._hearers:
            hear(outcome)

    def app(self) -> FastAPI:
        """Return the web side."""
        routers = [
            *self.service.routers(self),
            admin_router(self.operator, self.settings),
            *([policy_router(self)] if self.service.owns else []),
        ]
        return make_app(
            self.service.title,
            self.settings,
            routers,
            self,
            meters=self.meters,
            tracing=self.tracing,
            access=self.access,
        )

    async def start(self) -> None:
        """Listen on the port at once; wait for PostgreSQL and Kafka in the background."""
        await self.database.open()
        self._web = WebServer(self.app(), self.settings)
        await self._web.start()
        self._beginning = asyncio.create_task(self._begin(), name="begin")
        self._tasks.append(self._beginning)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._web.port if self._web is not None else self.settings.port

    async def _begin(self) -> None:
        await self._patiently(self._read_installation)
        await self._patiently(self._publish_policies)
        self._tasks.append(asyncio.create_task(sweep_for_ever(self.database), name="sweep"))
        for companion in self._companions:
            await companion.start()
        if self.service.steps:
            self._listening.start()
            await self.sender.start()
        for step in self.service.steps:
            runtime = StepRuntime(partial(self._ground, step))
            self.steps[step.name] = runtime
            await runtime.start()

    async def _patiently(self, work: Callable[[], Any]) -> None:
        attempt = 0
        while True:
            try:
                await work()
            except Unavailable as error:
                attempt += 1
                log.warning("start.waits", error=type(error).__name__, why=str(error)[:200])
                await asyncio.sleep(backoff_s(attempt, cap_s=2.0))
            else:
                return

    async def _read_installation(self) -> None:
        async def read(tx: Tx) -> dict[str, str]:
            rows = await tx.fetch("SELECT name, value FROM installation")
            return {row["name"]: row["value"] for row in rows}

        stored = await self.database.run(read)
        self.incarnation = stored["incarnation"]
        if stored["lanes"] != str(self.settings.lanes):
            raise LanesDiffer(lanes_differ(stored["lanes"], self.settings.lanes))
        await self.clock.read(self.database)

    async def _publish_policies(self) -> None:
        if self.settings.policies == "files":
            await publish_files(self)

    def _ground(self, step: Step[Any, Any], feed: StepRuntime) -> Ground:
        return Ground(
            step=step,
            service=self.service.name,
            incarnation=self.incarnation,
            settings=self.settings,
            database=self.database,
            book=self.book,
            sender=self.sender,
            clock=self.clock,
            meters=self._lane_meters,
            types=lambda topic: _TYPES[topic],
            feed=feed,
            on_commit=self._committed,
        )

    async def stop(self) -> None:
        """Stop in order: web, lanes after their batch, group, producer, pool; each with a deadline.

        Skipping any of it is safe: what is not finished is done again by the next owner.
        """
        self.stopping.set()
        if self._web is not None:
            await self._web.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(step.drain(_DRAIN_S) for step in self.steps.values()))
        await asyncio.gather(*(step.stop() for step in self.steps.values()))
        for companion in self._companions:
            await companion.stop()
        await self._listening.stop()
        await self.sender.stop()
        await self.database.close()

    def _woken(self, payload: str) -> None:
        step, _, part = payload.rpartition(":")
        runtime = self.steps.get(step)
        if runtime is not None and part.isdigit():
            runtime.wake(int(part))

    def _wake_all(self) -> None:
        for step in self.steps.values():
            step.wake()

    def _clock_moved(self, _payload: str) -> None:
        self.clock.moved()
        self._wake_all()

    def _lanes(self) -> list[LaneRunner]:
        return [lane for step in self.steps.values() for lane in step.lanes.values()]

    def failure(self) -> BaseException | None:
        """Return what makes this process useless, so that it ends rather than look healthy."""
        begun = self._beginning
        if begun is not None and begun.done() and not begun.cancelled():
            failed = begun.exception()
            if failed is not None:
                return failed
        return next((step.failure for step in self.steps.values() if step.failure), None)

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
        reasons = []
        try:
            async with asyncio.timeout(2.0), self.database.transaction() as tx:
                row = await tx.fetch_one(
                    "SELECT count(*) AS n, clock_now() AS now FROM policy_version"
                )
                assert row is not None  # noqa: S101 - count gives a row
                await self.book.refresh(tx, row["n"])
        except Exception as error:  # noqa: BLE001 - whatever it is, PostgreSQL is not ready
            return Readiness((f"PostgreSQL does not answer as it should: {type(error).__name__}",))
        for step in self.service.steps:
            runtime = self.steps.get(step.name)
            if runtime is None or not runtime.joined:
                reasons.append(f"{step.name} has not joined its group on Kafka yet")
            elif any(lane.taken is None for lane in runtime.lanes.values()):
                reasons.append(f"{step.name} is taking its lanes")
            try:
                self.book.need(step.policy, row["now"])
            except Unavailable as missing:
                reasons.append(f"{step.name}: {missing}")
        reasons += [
            f"no {source.kind.value} policy is in force yet"
            for source in self.service.owns
            if self.book.in_force(source.kind.value, row["now"]) is None
        ]
        reasons += [
            f"{lane.ground.step.name} lane {lane.part} stands: {lane.stopped}"
            for lane in self._lanes()
            if lane.stopped is not None
        ]
        return Readiness(tuple(reasons))

    async def still(self, until: datetime | None) -> Stillness:  # noqa: ARG002 - the app compares
        """Say what is left: records not decided, rows not sent, the next timer."""
        lag = sum([await step.lag() for step in self.steps.values()])
        lag += sum(
            step.name not in self.steps or not self.steps[step.name].joined
            for step in self.service.steps
        )
        lag += sum([await companion.pending() for companion in self._companions])
        async with self.database.transaction() as tx:
            row = await tx.fetch_one(
                "SELECT (SELECT count(*) FROM outbox) AS outbox, "
                "(SELECT min(due_at) FROM timer) AS next_timer"
            )
        assert row is not None  # noqa: S101 - a SELECT without FROM gives a row
        return Stillness(lag, row["outbox"], row["next_timer"])
