"""Three processes of scoring on real servers, each a program of its own as a pod is.

Made by bench.rolling.restarting for each run, with topics, schema and group of its own.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psutil
from pydantic import SecretStr

from baton.local.checkout import checkout
from baton.local.database import role_of
from baton.local.ports import free_ports
from bench.rolling.result import LANES, SIZE, Way
from chassis.kafka.topics import prepare_topics
from chassis.migrate import migrate
from chassis.settings import Settings
from contracts.topics import TOPICS
from scoring.app import SERVICE
from tests.support.chaos import Process
from tests.support.servers import Servers

_SECRET = "bench-" + "x" * 40


@dataclass
class Group:
    """The processes of one run."""

    servers: Servers
    prefix: str
    url: str
    folder: Path
    way: Way
    session_s: float
    members: list[Process] = field(default_factory=list)
    started_s: list[float] = field(default_factory=list)
    """How long each start took, from the program's first instruction to a 200 of /readyz."""
    start_cpu_s: list[float] = field(default_factory=list)
    """The processor time that it took, which a busy machine changes less."""
    stopped_s: list[float] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)

    @property
    def topic_prefix(self) -> str:
        return f"{self.prefix}."

    def new(self) -> Process:
        """One more process, under a name that was never used; started by the caller."""
        name = f"scoring-{next(self._numbers)}"
        environment = {
            "BATON_INSTANCE": name,
            "BATON_PORT": str(free_ports(1)[0]),
            "BATON_KAFKA_BOOTSTRAP": self.servers.kafka_bootstrap,
            "BATON_KAFKA_SESSION_TIMEOUT_S": str(self.session_s),
            "BATON_TOPIC_PREFIX": self.topic_prefix,
            "BATON_GROUP_PREFIX": self.topic_prefix,
            "BATON_POSTGRES_URL": self.url,
            "BATON_POSTGRES_SCHEMA": role_of(self.prefix, SERVICE.name),
            "BATON_SECRET": _SECRET,
            "BATON_CONFIG": str(checkout() / "bench" / "config"),
            "BATON_HOME": str(self.folder),
            "BATON_LANES": str(LANES),
        }
        words = ["bench.rolling.member", self.way, "scoring"]
        process = Process(name, words, environment, self.folder)
        self.members.append(process)
        return process

    async def up(self, process: Process) -> None:
        """Start a process and wait until it is ready."""
        began = time.monotonic()
        process.start()
        await process.ready(within_s=90)
        self.started_s.append(time.monotonic() - began)
        used = psutil.Process(process.pid).cpu_times()
        self.start_cpu_s.append(used.user + used.system)

    async def down(self, process: Process) -> None:
        """SIGTERM, and wait until it is gone."""
        began = time.monotonic()
        await asyncio.to_thread(process.terminate)
        self.stopped_s.append(time.monotonic() - began)

    def standing(self) -> list[Process]:
        """Return those that run, oldest first."""
        return [each for each in self.members if each.alive]


@asynccontextmanager
async def group(servers: Servers, folder: Path, way: Way, session_s: float) -> AsyncIterator[Group]:
    """Make all that a run needs, and leave no process behind."""
    prefix = f"r{uuid.uuid4().hex[:8]}"
    url = await servers.prepare(prefix, SERVICE.name)
    settings = Settings(
        service=SERVICE.name,
        kafka_bootstrap=servers.kafka_bootstrap,
        topic_prefix=f"{prefix}.",
        postgres_url=SecretStr(url),
        postgres_schema=role_of(prefix, SERVICE.name),
        secret=SecretStr(_SECRET),
        lanes=LANES,
    )
    await migrate(settings, SERVICE.migrations)
    await prepare_topics(settings, TOPICS)
    it = Group(servers, prefix, url, folder, way, session_s)
    try:
        await asyncio.gather(*(it.up(it.new()) for _ in range(SIZE)))
        it.started_s.clear()  # three at once on one machine tell nothing of a rollout
        it.start_cpu_s.clear()
        yield it
    finally:
        for each in it.members:
            await asyncio.to_thread(each.end)
