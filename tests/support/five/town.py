"""The five services as real processes on real servers: schemas, topics, ports, a token.

Fault tests found one, add as many instances as they want, and kill them. Sees services from the
outside only: commands, variables, HTTP; the one look inside is who owns which lane.
"""

import asyncio
import importlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from pydantic import SecretStr
from ruamel.yaml import YAML

from baton.local.database import role_of
from baton.local.ports import free_ports
from chassis.http.access_file import new_token
from chassis.http.principal import Scope
from chassis.kafka.topics import prepare_topics
from chassis.migrate import migrate
from chassis.settings import Settings
from contracts.topics import TOPICS
from tests.support.chaos import Process
from tests.support.five.advertiser import client
from tests.support.nursery import Nursery
from tests.support.servers import Servers

SERVICES = ("ingest", "scoring", "routing", "sla-monitor", "insights")
NEEDED = tuple(f"{name.replace('-', '_')}.app" for name in SERVICES)
"""What a nursery imports for them."""
STEPS = {
    "scoring": ("identity", "score"),
    "routing": ("routing",),
    "sla-monitor": ("clocks",),
    "insights": ("timeline",),
}
"""The consumer groups of each service that has lanes."""
LANES = 4
SECRET = "five-" + "x" * 40
SESSION_S = 2.0


@dataclass
class Town:
    """One installation, told apart from others by its prefix."""

    servers: Servers
    prefix: str
    folder: Path
    config: Path
    token: str
    urls: dict[str, str]
    nursery: Nursery
    processes: list[Process] = field(default_factory=list)

    @property
    def topic_prefix(self) -> str:
        return f"{self.prefix}."

    @property
    def faults(self) -> int:
        """How often a process was killed or frozen."""
        return sum(each.faults for each in self.processes)

    @property
    def bearer(self) -> dict[str, str]:
        """The header that opens every door."""
        return {"Authorization": f"Bearer {self.token}"}

    def of(self, service: str) -> list[Process]:
        """The instances of a service."""
        return [each for each in self.processes if each.name.rpartition("-")[0] == service]

    def urls_of(self, service: str) -> list[str]:
        """Where its instances are reached."""
        return [each.url for each in self.of(service)]

    def add(self, service: str) -> Process:
        """One more instance; started by the caller."""
        name = f"{service}-{len(self.of(service))}"
        environment = {
            "BATON_INSTANCE": name,
            "BATON_PORT": str(free_ports(1)[0]),
            "BATON_KAFKA_BOOTSTRAP": self.servers.kafka_bootstrap,
            "BATON_KAFKA_SESSION_TIMEOUT_S": str(SESSION_S),
            "BATON_TOPIC_PREFIX": self.topic_prefix,
            "BATON_GROUP_PREFIX": self.topic_prefix,
            "BATON_POSTGRES_URL": self.urls[service],
            "BATON_POSTGRES_SCHEMA": role_of(self.prefix, service),
            "BATON_SECRET": SECRET,
            "BATON_ACCESS": str(self.folder / "access.yaml"),
            "BATON_CONFIG": str(self.config),
            "BATON_HOME": str(self.folder),
            "BATON_LANES": str(LANES),
            "BATON_LOG_FORMAT": "text",
        }
        words = [service.replace("-", "_")]
        process = Process(name, words, environment, self.folder, self.nursery)
        self.processes.append(process)
        return process

    def settings(self, service: str) -> Settings:
        """Settings for what is done before any instance runs."""
        return Settings(
            service=service,
            kafka_bootstrap=self.servers.kafka_bootstrap,
            topic_prefix=self.topic_prefix,
            group_prefix=self.topic_prefix,
            postgres_url=SecretStr(self.urls[service]),
            postgres_schema=role_of(self.prefix, service),
            secret=SecretStr(SECRET),
            lanes=LANES,
        )

    async def ready(self) -> None:
        """Wait until every process says so."""
        deadline = time.monotonic() + 90
        async with client() as http:
            for each in self.processes:
                while not await _says_ready(http, each.url):
                    assert each.alive, f"{each.name} ended:\n{each.tail()}"
                    assert time.monotonic() < deadline, f"{each.name} is not ready:\n{each.tail()}"
                    await asyncio.sleep(0.05)

    async def owned(self, service: str, by: Process) -> None:
        """Wait until one instance has taken every lane of a service."""
        wanted = {(step, part) for step in STEPS[service] for part in range(LANES)}
        async with asyncio.timeout(60):
            while await self._lanes_of(service, by.name) != wanted:  # noqa: ASYNC110 - no event of another process
                await asyncio.sleep(0.05)

    async def _lanes_of(self, service: str, instance: str) -> set[tuple[str, int]]:
        connection = await asyncpg.connect(self.urls[service])
        try:
            rows = await connection.fetch("SELECT step, part FROM lane WHERE owner = $1", instance)
            return {(row["step"], row["part"]) for row in rows}
        finally:
            await connection.close()

    async def still(self, within_s: float = 90.0) -> None:
        """Wait until no process has anything left to decide or to send. Raises TimeoutError."""
        async with asyncio.timeout(within_s), client() as http:
            for each in self.processes:
                while each.alive and not await _is_still(http, each.url):  # noqa: ASYNC110 - no event of another process
                    await asyncio.sleep(0.05)

    async def get(self, service: str, path: str, **query: str | int) -> Any:  # noqa: ANN401 - JSON
        """Read from a service's first instance."""
        (url, *_) = self.urls_of(service)
        async with client(self.bearer) as http:
            answer = await http.get(f"{url}{path}", params=query)
            answer.raise_for_status()
            return answer.json()

    async def verified(self, service: str, within_s: float = 120.0) -> dict[str, Any]:
        """Have a service derive every decision again; the job as it ended."""
        (url, *_) = self.urls_of(service)
        async with (
            asyncio.timeout(within_s),
            client(self.bearer) as http,
        ):
            started = await http.post(f"{url}/v1/admin/{service}/verify")
            started.raise_for_status()
            job = started.json()
            while job["state"] == "running":
                await asyncio.sleep(0.05)
                job = (await http.get(f"{url}/v1/admin/{service}/verify/{job['id']}")).json()
            return dict(job)

    def tails(self) -> str:
        """The ends of all logs, for a test that failed."""
        return "\n\n".join(f"{each.name}\n{each.tail()}" for each in self.processes)


async def _says_ready(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(f"{url}/readyz")).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


async def _is_still(http: httpx.AsyncClient, url: str) -> bool:
    try:
        answer = await http.get(f"{url}/still")
    except httpx.HTTPError:
        return False
    if answer.status_code != httpx.codes.OK:
        return False
    told = answer.json()
    return not told["lag"] and not told["outbox"]


async def found(
    servers: Servers, prefix: str, folder: Path, config: Path, nursery: Nursery
) -> Town:
    """Make schemas, topics and a token with every scope; nothing runs yet."""
    token, entry = new_token("test", frozenset(Scope))
    document = {"tokens": [entry.model_dump(mode="json", exclude_none=True)]}
    with (folder / "access.yaml").open("w") as file:
        YAML().dump(document, file)
    urls = {service: await servers.prepare(prefix, service) for service in SERVICES}
    town = Town(servers, prefix, folder, config, token, urls, nursery)
    for service, module in zip(SERVICES, NEEDED, strict=True):
        await migrate(town.settings(service), importlib.import_module(module).SERVICE.migrations)
    await prepare_topics(town.settings(SERVICES[0]), TOPICS)
    return town


def instances(town: Town, services: Sequence[str] = SERVICES) -> list[Process]:
    """One further instance of each of these services."""
    return [town.add(service) for service in services]
