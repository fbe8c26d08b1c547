"""Toys as real processes on real servers: their topics, schemas, token, and the ledger's books.

Fault and integration tests found one, feed it and let its books be judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
from pydantic import SecretStr
from ruamel.yaml import YAML

from baton.local.ports import free_ports
from chassis.http.access_file import new_token
from chassis.http.principal import Scope
from chassis.kafka.topics import prepare_topics
from chassis.migrate import migrate
from chassis.settings import Settings
from contracts.topics import (
    LEADS_TOUCHES,
    MARKETING_TOUCHES,
    PARKED,
    POLICIES,
    PRIVACY,
    Topic,
)
from tests.support.chaos import Process
from tests.support.nursery import Nursery
from tests.support.servers import Servers
from tests.support.toys.tallies import MIGRATIONS

LANES = 4
SECRET = "toys-" + "x" * 40
TOPICS: tuple[Topic, ...] = (
    MARKETING_TOUCHES,
    LEADS_TOUCHES,
    PRIVACY,
    POLICIES,
    PARKED["scoring"],
    PARKED["routing"],
)
SORTER, COUNTER = "scoring", "routing"
MODULES = {SORTER: "tests.support.toys.sorter", COUNTER: "tests.support.toys.counter"}
SESSION_S = 2.0
NEEDED = ("chassis.entry", "tests.support.toys.mutants", "tests.support.toys.tallies")
"""What a nursery imports for toys."""

_STANDING = (
    "SELECT step, part, owner, epoch, stopped, "
    "(SELECT count(*) FROM outbox o WHERE (o.step, o.part) = (l.step, l.part)) AS outbox, "
    "(SELECT count(*) FROM timer t WHERE (t.step, t.part) = (l.step, l.part)) AS timers, "
    "(SELECT json_object_agg(topic, next_off) FROM position p "
    "WHERE (p.step, p.part) = (l.step, l.part)) AS positions FROM lane l ORDER BY step, part"
)

_SESSIONS = (
    "SELECT application_name AS by, pid, pg_blocking_pids(pid) AS waits_for, state, "
    "wait_event_type, wait_event, now() - xact_start AS since, left(query, 60) AS query "
    "FROM pg_stat_activity WHERE usename = current_user AND xact_start IS NOT NULL "
    "AND pid <> pg_backend_pid()"
)


@dataclass
class Town:
    """One installation of toys, told apart from others by its prefix."""

    servers: Servers
    prefix: str
    folder: Path
    token: str
    urls: dict[str, str]
    nursery: Nursery | None = None
    processes: list[Process] = field(default_factory=list)

    @property
    def topic_prefix(self) -> str:
        return f"{self.prefix}."

    def of(self, service: str) -> list[Process]:
        """The instances of a toy."""
        return [each for each in self.processes if each.name.startswith(f"{service}-")]

    def add(self, service: str, bootstrap: str | None = None, **more: str) -> Process:
        """One more instance; started by the caller. ``more`` are further variables."""
        number = len(self.of(service))
        environment = {
            "BATON_INSTANCE": f"{service}-{number}",
            "BATON_PORT": str(free_ports(1)[0]),
            "BATON_KAFKA_BOOTSTRAP": bootstrap or self.servers.kafka_bootstrap,
            "BATON_KAFKA_SESSION_TIMEOUT_S": str(SESSION_S),
            "BATON_TOPIC_PREFIX": self.topic_prefix,
            "BATON_GROUP_PREFIX": self.topic_prefix,
            "BATON_POSTGRES_URL": self.urls[service],
            "BATON_POSTGRES_SCHEMA": f"{self.prefix}{service}",
            "BATON_SECRET": SECRET,
            "BATON_ACCESS": str(self.folder / "access.yaml"),
            "BATON_LANES": str(LANES),
            "BATON_LOG_FORMAT": "text",
            **more,
        }
        name = f"{service}-{number}"
        process = Process(name, [MODULES[service]], environment, self.folder, self.nursery)
        self.processes.append(process)
        return process

    def settings(self, service: str, instance: str = "inside-0") -> Settings:
        """Settings of a toy that runs inside the test's own process."""
        return Settings(
            service=service,
            port=0,
            instance=instance,
            kafka_bootstrap=self.servers.kafka_bootstrap,
            kafka_session_timeout_s=SESSION_S,
            topic_prefix=self.topic_prefix,
            group_prefix=self.topic_prefix,
            postgres_url=SecretStr(self.urls[service]),
            postgres_schema=f"{self.prefix}{service}",
            secret=SecretStr(SECRET),
            access=self.folder / "access.yaml",
            lanes=LANES,
        )

    async def ask(self, service: str, sql: str, *values: object) -> Sequence[asyncpg.Record]:
        """Run a statement in a toy's schema."""
        connection = await asyncpg.connect(self.urls[service])
        try:
            rows: Sequence[asyncpg.Record] = await connection.fetch(sql, *values)
            return rows
        finally:
            await connection.close()

    async def standing(self) -> str:
        """Where every lane stands, for whoever looks at a test that failed."""
        lines = []
        for service in self.urls:
            rows = await self.ask(service, _STANDING)
            lines += [f"{service} {dict(row)}" for row in rows]
            rows = await self.ask(service, _SESSIONS)
            lines += [f"{service} {dict(row)}" for row in rows]
        async with httpx.AsyncClient(timeout=5.0) as http:
            for each in self.processes:
                if each.alive and not each.frozen:
                    told = (await http.get(f"{each.url}/metrics")).text.splitlines()
                    lines += [
                        f"{each.name} {line}" for line in told if line.startswith("baton_lane")
                    ]
        return "\n".join(lines)

    async def is_still(self) -> bool:
        """Whether every process that is there has nothing left to decide or to send."""
        async with httpx.AsyncClient(timeout=10.0) as http:
            for each in self.processes:
                if not each.alive:
                    continue
                try:
                    answer = await http.get(f"{each.url}/still")
                except httpx.HTTPError:
                    return False
                if answer.status_code != httpx.codes.OK:
                    return False
                told = answer.json()
                if told["lag"] or told["outbox"]:
                    return False
        return True

    @property
    def faults(self) -> int:
        return sum(each.faults for each in self.processes)


async def found(
    servers: Servers, prefix: str, folder: Path, nursery: Nursery | None = None
) -> Town:
    """Make schemas, topics and a token with every scope; nothing runs yet."""
    token, entry = new_token("test", frozenset(Scope))
    document = {"tokens": [entry.model_dump(mode="json", exclude_none=True)]}
    with (folder / "access.yaml").open("w") as file:
        YAML().dump(document, file)
    urls = {service: await servers.prepare(prefix, service) for service in MODULES}
    town = Town(servers, prefix, folder, token, urls, nursery)
    for service in MODULES:
        await migrate(town.settings(service), MIGRATIONS)
    await prepare_topics(town.settings(SORTER), TOPICS)
    return town
