"""A running ingest for tests: the real service on the real Kafka and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.kafka.topics import prepare_topics
from chassis.migrate import migrate
from chassis.runtime import Runtime
from contracts.event import Message, decode
from contracts.events import TYPES
from contracts.topics import TOPICS, Topic
from ingest.app import SERVICE
from ingest.settings import IngestSettings
from tests.support.awaiting import until
from tests.support.servers import Servers

CONFIG = Path(__file__).parents[3] / "config"
SECRET = "x" * 40
NOBODY = "127.0.0.1:1"


async def settings_of(servers: Servers, prefix: str, **more: object) -> IngestSettings:
    """The settings of an ingest with a schema and topics of this prefix."""
    url = await servers.prepare(prefix, "ingest")
    told: dict[str, Any] = {
        "port": 0,
        "kafka_bootstrap": servers.kafka_bootstrap,
        "topic_prefix": f"{prefix}.",
        "group_prefix": f"{prefix}.",
        "postgres_url": url,
        "postgres_schema": f"{prefix}ingest",
        "secret": SECRET,
        "config": CONFIG,
    }
    return IngestSettings(**(told | more))


async def prepared(servers: Servers, prefix: str) -> IngestSettings:
    """The same, with its tables and topics made."""
    # A busy broker may take longer than the default, and what is spooled comes later.
    settings = await settings_of(servers, prefix, kafka_within_s=10)
    await migrate(settings, SERVICE.migrations)
    await prepare_topics(settings, TOPICS)
    return settings


@asynccontextmanager
async def running(settings: IngestSettings) -> AsyncIterator[tuple[Runtime, httpx.AsyncClient]]:
    """The service, ready, and a client of it."""
    runtime = Runtime(SERVICE, settings)
    await runtime.start()
    base = f"http://127.0.0.1:{runtime.port}"
    try:
        async with httpx.AsyncClient(base_url=base, timeout=10.0) as client:
            await until(lambda: _ready(client), "ingest to be ready")
            yield runtime, client
    finally:
        await runtime.stop()


async def _ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/readyz")).status_code == httpx.codes.OK


async def spooled(runtime: Runtime) -> int:
    """How many records wait in the spool, beside word of bodies that were put aside."""
    async with runtime.database.transaction() as tx:
        row = await tx.fetch_one("SELECT count(*) AS n FROM spool WHERE topic <> 'ingest.parked'")
        assert row is not None
        return int(row["n"])


async def read_some(settings: IngestSettings, topic: Topic) -> Sequence[Message]:
    """Everything on a topic once anything is there: what was spooled comes a moment later."""
    while not (found := await read_all(settings, topic)):  # noqa: ASYNC110 - Kafka tells no event
        await asyncio.sleep(0.1)
    return found


async def read_all(settings: IngestSettings, topic: Topic) -> Sequence[Message]:
    """Everything that lies on a topic now."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        lanes = settings.lanes if topic.by_lane else 1
        places = [TopicPartition(settings.topic_prefix + topic.name, lane) for lane in range(lanes)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        for place in places:
            consumer.seek(place, 0)
        found = []
        for place in places:
            while await consumer.position(place) < ends[place]:
                for record in (await consumer.getmany(place, timeout_ms=500)).get(place, []):
                    found.append(decode(record.value, record.headers, TYPES))  # noqa: PERF401
        return found
    finally:
        await consumer.stop()


@asynccontextmanager
async def cut_off(servers: Servers, prefix: str, runtime: Runtime) -> AsyncIterator[None]:
    """Nobody gets into PostgreSQL as this service's role, and who is in is thrown out."""
    role = f"{prefix}ingest"
    admin = await asyncpg.connect(servers.postgres_admin_url)
    try:
        await admin.execute(f'ALTER ROLE "{role}" NOLOGIN')
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", role
        )
        yield
    finally:
        await admin.execute(f'ALTER ROLE "{role}" LOGIN')
        await admin.close()
    await until(lambda: _answers(runtime), "PostgreSQL to be back")


async def _answers(runtime: Runtime) -> bool:
    return (await runtime.probes.ready()).ready
