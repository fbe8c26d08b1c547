"""One running process of a service: opens everything, serves, and stops it in order.

Made by chassis.entry; what the web side asks is answered by
chassis.probing and chassis.lanes.operating. Knows no business
word: what the service does stands in its ``Service``.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI

from chassis.clock import Clock
from chassis.database import Database, Tx, Unavailable
from chassis.http.access import Access
from chassis.http.admin import admin_router
from chassis.http.app import make_app
from chassis.http.server import WebServer
from chassis.installation import LanesDiffer, lanes_differ
from chassis.kafka.sender import Sender
from chassis.lanes.batch import Outcome
from chassis.lanes.commands import CommandDesk, LaneOutlet, channel_of
from chassis.lanes.ground import Ground
from chassis.lanes.listening import Listening
from chassis.lanes.meters import LaneMeters
from chassis.lanes.operating import Operator
from chassis.lanes.retry import backoff_s
from chassis.lanes.step import Step
from chassis.lanes.stepping import StepRuntime
from chassis.lanes.sweeping import sweep_for_ever
from chassis.lanes.verifying import Verifier
from chassis.policies.files import publish_files
from chassis.policies.owning import Outlet
from chassis.policies.routes import policy_router
from chassis.policies.versions import PolicyBook
from chassis.probing import Probing
from chassis.schema import lacks, needed_by
from chassis.serving import Companion, Service
from chassis.settings import Settings
from chassis.stopping import Ending, Stage, stop_budget, within
from chassis.telemetry.metrics import Meters
from chassis.telemetry.tracing import make_tracing
from chassis.warming import build_models
from contracts.events import types_of
from contracts.topics import TOPICS

log = structlog.get_logger()

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
        self.probes = Probing(service, self.steps, self.database, self.book, self.clock)
        self.operator = Operator(
            self.database,
            self.steps,
            Verifier(self.database, self.book, service.steps),
            self.clock,
            self.probes.still,
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
        self.probes.companions = self._companions
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
            self.probes,
            meters=self.meters,
            tracing=self.tracing,
            access=self.access,
        )

    async def start(self) -> None:
        """Listen on the port at once; wait for PostgreSQL and Kafka in the background."""
        await self.database.open()
        self._web = WebServer(self.app(), self.settings, meters=self.meters)
        await self._web.start()
        self._beginning = asyncio.create_task(self._begin(), name="begin")
        self._tasks.append(self._beginning)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._web.port if self._web is not None else self.settings.port

    async def _begin(self) -> None:
        build_models(self.service)
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
        schema, needed = self.settings.postgres_schema, needed_by(self.service.migrations)

        async def read(tx: Tx) -> dict[str, str]:
            self.probes.schema_lacks = await lacks(tx, schema, needed, self.service.name)
            if self.probes.schema_lacks is not None:
                return {}
            rows = await tx.fetch("SELECT name, value FROM installation")
            return {row["name"]: row["value"] for row in rows}

        stored = await self.database.run(read)
        if self.probes.schema_lacks is not None:
            raise Unavailable(self.probes.schema_lacks)
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
            tracing=self.tracing,
            types=lambda topic: _TYPES[topic],
            feed=feed,
            on_commit=self._committed,
        )

    async def stop(self) -> None:
        """Stop stage by stage, each within its budget (see chassis.stopping).

        Skipping any of it is safe: what is not finished is done again by the next owner.
        """
        self.stopping.set()
        work: Mapping[Stage, Callable[[], Sequence[Ending]]] = {
            Stage.WEB: lambda: [self._web.stop()] if self._web is not None else [],
            Stage.BEGINNING: lambda: [self._call_off()],
            Stage.DRAINING: lambda: [step.drain() for step in self.steps.values()],
            Stage.LAYING_DOWN: lambda: [step.lay_down() for step in self.steps.values()],
            Stage.LEAVING: lambda: [step.leave() for step in self.steps.values()],
            Stage.CLIENTS: lambda: [
                self._listening.stop(),
                self.sender.stop(),
                *(companion.stop() for companion in self._companions),
            ],
            Stage.CLOSING: lambda: [self.database.close(), self.tracing.close()],
        }
        for stage, seconds in stop_budget(self.settings, self.service).items():
            await within(stage, seconds, *work[stage]())

    async def _call_off(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

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

    def failure(self) -> BaseException | None:
        """Return what makes this process useless, so that it ends rather than look healthy."""
        begun = self._beginning
        if begun is not None and begun.done() and not begun.cancelled():
            failed = begun.exception()
            if failed is not None:
                return failed
        return next((step.failure for step in self.steps.values() if step.failure), None)
