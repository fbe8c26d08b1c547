"""Routing in this process on real servers: instances, a sender of MQLs, a reader of its words."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from chassis.kafka.lane_of import lane_of
from chassis.kafka.topics import prepare_topics
from chassis.migrate import migrate
from chassis.runtime import Runtime
from contracts.event import Event, Message, Mode, decode, headers_of, value_of
from contracts.events import TYPES
from contracts.events.mql import LeadQualified
from contracts.person import Person
from contracts.topics import TOPICS
from routing.app import MIGRATIONS, SERVICE
from routing.settings import RoutingSettings
from tests.support.servers import Servers
from tests.unit.routing.words import CONFIG

TOKEN = "baton_test-token"
MAYA = Person(email="maya@brightwell.example", full_name="Maya Okafor")
SAID = ("leads.sql", "sales.activity", "sales.team", "policies")


class Desk:
    """Instances of routing, a producer of MQLs and a reader of what routing says."""

    def __init__(self, prefix: str, settings: RoutingSettings) -> None:
        self.prefix = prefix
        self.settings = settings
        self.runtimes: list[Runtime] = []
        self.told: dict[UUID, Message] = {}
        self.producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap, acks="all")
        self._reader: asyncio.Task[None] | None = None
        self._consumer = AIOKafkaConsumer(
            *(f"{prefix}.{topic}" for topic in SAID),
            bootstrap_servers=settings.kafka_bootstrap,
            auto_offset_reset="earliest",
        )

    async def start(self) -> None:
        await self.producer.start()
        await self._consumer.start()
        self._reader = asyncio.create_task(self._read())
        await self.add("routing-0")

    async def add(self, instance: str) -> Runtime:
        settings = self.settings.model_copy(update={"instance": instance})
        runtime = Runtime(SERVICE, settings)
        await runtime.start()
        self.runtimes.append(runtime)
        await self.until(self._ready, "every instance to be ready")
        return runtime

    async def _ready(self) -> bool:
        return all([(await each.probes.ready()).ready for each in self.runtimes])

    async def stop(self) -> None:
        for runtime in self.runtimes:
            await runtime.stop()
        if self._reader is not None:
            self._reader.cancel()
        await self._consumer.stop()
        await self.producer.stop()

    async def _read(self) -> None:
        """Take each event once: who takes a lane publishes again what may not have arrived."""
        async for record in self._consumer:
            message = decode(record.value, record.headers, TYPES)
            self.told.setdefault(message.event.id, message)

    def says(self, kind: str, lead: UUID | None = None) -> list[Message]:
        return [
            message
            for message in self.told.values()
            if kind == message.event.body.TYPE
            and (lead is None or getattr(message.event.body, "lead_id", None) == lead)
        ]

    async def send(self, body: LeadQualified, mode: Mode = Mode.LIVE) -> None:
        event = Event(uuid4(), body, body.qualified_at, body.qualified_at, mode, None, 1)
        await self.producer.send_and_wait(
            f"{self.prefix}.leads.mql",
            value=value_of(event, MAYA),
            key=str(body.lead_id).encode(),
            partition=lane_of(str(body.lead_id), self.settings.lanes),
            headers=headers_of(event, "scoring"),
        )

    async def until(self, ask: Callable[[], Awaitable[bool]], what: str) -> None:
        try:
            async with asyncio.timeout(60):
                while not await ask():  # noqa: ASYNC110 - the condition lies outside this process
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"waited for {what}") from None

    async def hears(self, kind: str, lead: UUID | None = None, count: int = 1) -> list[Message]:
        async def there() -> bool:
            return len(self.says(kind, lead)) >= count

        await self.until(there, f"{count} of {kind}")
        return self.says(kind, lead)

    async def ask(
        self,
        method: str,
        path: str,
        at: int = 0,
        **options: Any,  # noqa: ANN401
    ) -> httpx.Response:
        url = f"http://127.0.0.1:{self.runtimes[at].port}{path}"
        headers = {"authorization": f"Bearer {TOKEN}", **options.pop("headers", {})}
        async with httpx.AsyncClient(timeout=20) as client:
            return await client.request(method, url, headers=headers, **options)


@asynccontextmanager
async def opened_desk(
    servers: Servers,
    prefix: str,
    folder: Path,
    **changes: Any,  # noqa: ANN401
) -> AsyncIterator[Desk]:
    """One instance on topics and a schema of its own."""
    access = folder / "access.yaml"
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    access.write_text(
        f"tokens: [{{name: ines, sha256: {digest}, scopes: [read, write, admin], expires: null}}]\n"
    )
    settings = RoutingSettings(
        port=0,
        kafka_bootstrap=servers.kafka_bootstrap,
        topic_prefix=f"{prefix}.",
        group_prefix=f"{prefix}.",
        postgres_url=await servers.prepare(prefix, "routing"),
        postgres_schema=f"{prefix}routing",
        secret="x" * 40,
        config=shutil.copytree(CONFIG, folder / "config"),
        access=access,
        **changes,
    )
    await migrate(settings, MIGRATIONS)
    await prepare_topics(settings, TOPICS)
    desk = Desk(prefix, settings)
    try:
        await desk.start()
        yield desk
    finally:
        await desk.stop()
