"""Brings one installation up and down, in order: servers, schemas, topics, services.

Called by the commands up, down and status, and by end-to-end tests with small services. Prints
nothing: it tells a Listener. What runs already is left running.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx

from baton.calling import call
from baton.local import kafka, postgres, processes
from baton.local.access import prepare_access
from baton.local.account import CALLER
from baton.local.installation import Installation
from baton.local.once import how_it_ended, run_together
from baton.local.ports import remember_ports, require_free
from baton.local.processes import Program, Running
from baton.local.services import SERVICES, TOPICS, Service, common, environment
from baton.local.trouble import Trouble

READY_WITHIN_S = 120.0
STOP_WITHIN_S = 20.0


class Listener(Protocol):
    """Told how a start goes."""

    def begins(self, what: str) -> None:
        """Hear that a part is being started."""

    def ready(self, what: str) -> None:
        """Hear that a part is ready."""

    def arrived(self, size: int) -> None:
        """Hear that so many bytes have come in from a registry; called by several threads."""


@dataclass(frozen=True)
class State:
    """One process as `baton status` shows it."""

    name: str
    port: int
    process: Running | None
    ready: bool


@dataclass(frozen=True)
class Supervisor:
    """The processes of one installation."""

    installation: Installation
    services: tuple[Service, ...] = SERVICES
    topics: tuple[str, ...] | None = TOPICS

    @property
    def names(self) -> tuple[str, ...]:
        """All processes that this installation starts itself, servers first."""
        told = self.installation
        servers = ((postgres.NAME, told.foreign_postgres), (kafka.NAME, told.foreign_kafka))
        ours = [name for name, foreign in servers if foreign is None]
        return (*ours, *(service.process for service in self.services))

    def up(self, listener: Listener, only: str | None = None) -> tuple[str, ...]:
        """Start what does not run yet, wait until it is ready; returns what was started.

        only: one server or service; its neighbours are left as they are. A start that fails or is
        interrupted stops again what it had started. Raises Trouble.
        """
        wanted = self._wanted(only)
        with self.installation.home.alone():
            missing = tuple(name for name in wanted if self._running(name) is None)
            self._prepare(missing)
            try:
                self._start(missing, listener)
            except BaseException:
                self._stop(missing)
                raise
        return missing

    def down(self, only: str | None = None) -> list[str]:
        """Stop in order: services together, then Kafka, then PostgreSQL. Returns what ran."""
        return self.stop(self._wanted(only))

    def stop(self, names: Sequence[str]) -> list[str]:
        """Stop these in order, and nothing else. Returns what ran."""
        with self.installation.home.alone():
            return self._stop(names)

    def status(self) -> list[State]:
        """Each process with its readiness, asked now."""
        return [self._state(name) for name in self.names]

    def ended(self, names: Iterable[str]) -> list[str]:
        """Which of these do not run any more."""
        return [name for name in names if self._running(name) is None]

    def _wanted(self, only: str | None) -> tuple[str, ...]:
        if only is None:
            return self.names
        if only in self.names:
            return (only,)
        message = f"there is no {only!r} to start or stop: choose from {', '.join(self.names)}"
        raise Trouble(message)

    def _running(self, name: str) -> Running | None:
        return processes.running(self.installation.home, name)

    def _state(self, name: str) -> State:
        port = self.installation.ports[name]
        process = self._running(name)
        asks: dict[str, Callable[[int], bool]] = {
            kafka.NAME: kafka.serves,
            postgres.NAME: postgres.answers,
        }
        ready = process is not None and asks.get(name, is_ready)(port)
        return State(name, port, process, ready)

    def _prepare(self, missing: Sequence[str]) -> None:
        told = self.installation
        self._require_same_ports([name for name in self.names if name not in missing])
        if any(service.process in missing for service in self.services):
            if not told.config.is_dir():
                message = f"{told.config} is no folder: set BATON_CONFIG to the policies' folder"
                raise Trouble(message)
            told.home.random_secret(told.home.secret)
            prepare_access(told.home)
        ports = [name for name in missing if name != kafka.NAME]
        require_free(told.ports, [*ports, *(kafka.PORTS if kafka.NAME in missing else ())])
        remember_ports(told.home, told.ports)

    def _require_same_ports(self, names: Sequence[str]) -> None:
        """What runs already has the port it was started with, whatever is set now."""
        kept = self.installation.home.remembered("ports")
        for name in names:
            port = str(self.installation.ports[name])
            if self._running(name) and kept.get(name, port) != port:
                message = f"{name} runs on port {kept[name]}, not on {port}: {call('down')} first"
                raise Trouble(message)

    def _start(self, missing: Sequence[str], listener: Listener) -> None:
        told = self.installation
        services = [service for service in self.services if service.process in missing]
        broker = self._start_kafka(listener) if kafka.NAME in missing else None
        if postgres.NAME in missing:
            listener.begins(postgres.TITLE)
            postgres.start(told.home, told.account, told.ports["postgres"])
            listener.ready(postgres.TITLE)
        urls = self._migrate(services, listener) if services else {}
        if broker is not None:
            kafka.wait_ready(told.home, broker, told.ports["kafka"])
            listener.ready(kafka.TITLE)
        if services:
            self._make_topics(listener)
            self._start_services(services, urls, listener)

    def _start_kafka(self, listener: Listener) -> Running:
        listener.begins(kafka.TITLE)
        told = self.installation
        heard = listener.arrived
        return kafka.start(told.home, told.account, told.ports, told.kafka_advertised, heard)

    def _migrate(self, services: Sequence[Service], listener: Listener) -> dict[str, str]:
        """The URL of each service, whose schema exists and is up to date then."""
        listener.begins("schemas")
        urls = asyncio.run(self._prepare_schemas(services))
        once = {service.name: service for service in services}.values()
        programs = [
            self._program(f"migrate-{service.process}", service.migrate, service, urls)
            for service in once
            if service.migrate is not None
        ]
        run_together(self.installation.home, programs)
        listener.ready("schemas")
        return urls

    async def _prepare_schemas(self, services: Sequence[Service]) -> dict[str, str]:
        database, prefix = self.installation.database, self.installation.schema_prefix
        await database.prepare()
        return {
            service.name: await database.prepare_service(service.name, prefix)
            for service in services
        }

    def _make_topics(self, listener: Listener) -> None:
        if self.topics is None:
            return
        listener.begins("topics")
        told = common(self.installation)
        program = Program("topics", self.topics, told, Path.cwd(), CALLER)
        run_together(self.installation.home, [program])
        listener.ready("topics")

    def _start_services(
        self, services: Sequence[Service], urls: dict[str, str], listener: Listener
    ) -> None:
        started = []
        for service in services:
            listener.begins(service.process)
            program = self._program(service.process, service.serve, service, urls)
            started.append(processes.start(self.installation.home, program))
        for process in started:
            self._wait_ready(process)
            listener.ready(process.name)

    def _program(
        self, name: str, command: tuple[str, ...], service: Service, urls: dict[str, str]
    ) -> Program:
        told = environment(self.installation, service, urls[service.name])
        return Program(name, command, told, Path.cwd(), CALLER)

    def _wait_ready(self, process: Running) -> None:
        home, port = self.installation.home, self.installation.ports[process.name]
        deadline = time.monotonic() + READY_WITHIN_S
        while not is_ready(port):
            if not processes.is_alive(process):
                raise Trouble(how_it_ended(home, process))
            if time.monotonic() > deadline:
                message = f"{process.name} is not ready after {READY_WITHIN_S:.0f} s"
                raise Trouble(f"{message}: see {home.logs / process.name}.log")
            time.sleep(processes.POLL_S)

    def _stop(self, names: Sequence[str]) -> list[str]:
        home = self.installation.home
        services = [service.process for service in self.services if service.process in names]
        once = ["topics", *(f"migrate-{name}" for name in services)]
        stopped = processes.stop_together(home, [*once, *services], within_s=STOP_WITHIN_S)
        if kafka.NAME in names and kafka.stop(home):
            stopped.append(kafka.NAME)
        if postgres.NAME in names and postgres.stop(home):
            stopped.append(postgres.NAME)
        return [name for name in stopped if name in names]


def is_ready(port: int) -> bool:
    """Whether a service on this port says that it is ready."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK
