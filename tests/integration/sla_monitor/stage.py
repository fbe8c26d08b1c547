"""One service of Baton on the run's own Kafka and PostgreSQL, with somebody who plays the others.

Used by the tests of sla-monitor and insights.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

import contracts
from baton.local.database import role_of
from chassis.http.access_file import new_token
from chassis.http.principal import Scope
from chassis.kafka.lane_of import lane_of
from chassis.kafka.topics import prepare_topics
from chassis.migrate import migrate
from chassis.runtime import Runtime
from chassis.serving import Service
from contracts.body import Body
from contracts.event import Event, Mode, decode, headers_of, value_of
from contracts.events import TYPES
from contracts.person import Person
from contracts.topics import TOPICS, Topic
from tests.support.servers import Servers

EXAMPLES = Path(contracts.__file__).parent / "examples"
LANES = 4

T = TypeVar("T")
B = TypeVar("B", bound=Body)


async def eventually(ask: Callable[[], Awaitable[T | None]], what: str) -> T:
    """Ask until the answer is truthy."""
    try:
        async with asyncio.timeout(30):
            while not (answer := await ask()):  # noqa: ASYNC110 - others write what is waited for
                await asyncio.sleep(0.02)
            return answer
    except TimeoutError:
        raise AssertionError(f"waited 30 s for {what}") from None


def body(kind: type[B], **changes: object) -> B:
    """Return the stored example of a body, changed."""
    stored = json.loads((EXAMPLES / f"{kind.TYPE}.v{kind.VERSION}.json").read_text())
    return kind.model_validate({**stored["value"], **changes})


def event(
    said: B,
    *,
    cause: UUID | None = None,
    at: datetime | None = None,
    recorded_at: datetime | None = None,
    mode: Mode = Mode.LIVE,
) -> Event[B]:
    """Return an event of now, unless it says otherwise."""
    now = datetime.now(UTC)
    return Event(uuid4(), said, at or now, recorded_at or at or now, mode, cause, 0)


@dataclass
class Stage:
    """A running service and both ends of its topics."""

    runtime: Runtime
    prefix: str
    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer
    client: httpx.AsyncClient
    tokens: dict[str, str]
    heard: list[Event[Body]] = field(default_factory=list)

    async def play(self, *events: Event[Any], person: Person | None = None) -> None:
        """Say events as another service would, without sequence headers."""
        for one in events:
            topic = one.body.topic()
            key = one.body.key()
            partition = lane_of(key, LANES) if topic.by_lane else 0
            await self.producer.send_and_wait(
                self.prefix + topic.name,
                value=value_of(one, person),
                key=key.encode(),
                partition=partition,
                headers=headers_of(one, "test"),
            )

    async def hears(self, kind: type[B], lead: UUID, count: int = 1) -> Sequence[Event[B]]:
        """Wait for so many events of a type about a lead and return all there are."""

        async def look() -> Sequence[Event[B]] | None:
            found = await self.told(kind, lead)
            return found if len(found) >= count else None

        return await eventually(look, f"{kind.TYPE} about the lead")

    async def told(self, kind: type[B], lead: UUID) -> list[Any]:
        """Return what was said of a type about a lead so far."""
        got = await self.consumer.getmany(timeout_ms=20)
        for records in got.values():
            for record in records:
                self.heard.append(decode(record.value, record.headers, TYPES).event)
        return [
            one for one in self.heard if isinstance(one.body, kind) and one.body.key() == str(lead)
        ]

    async def get(self, path: str, who: str | None = "reader", **query: str) -> httpx.Response:
        """GET with a token: reader sees masks, boss sees persons; None has none."""
        headers = {} if who is None else {"authorization": f"Bearer {self.tokens[who]}"}
        return await self.client.get(path, params=query, headers=headers)


@asynccontextmanager
async def staged(
    service: Service, servers: Servers, prefix: str, folder: Path, says: Sequence[Topic]
) -> AsyncIterator[Stage]:
    """Run a service with ``folder`` as its configuration and listen to what it ``says``."""
    topics = f"{prefix}."
    access, tokens = _access(folder)
    settings = service.settings(
        service=service.name,
        port=0,
        kafka_bootstrap=servers.kafka_bootstrap,
        topic_prefix=topics,
        group_prefix=topics,
        postgres_url=await servers.prepare(prefix, service.name),
        postgres_schema=role_of(prefix, service.name),
        secret="x" * 40,
        config=folder,
        access=access,
        lanes=LANES,
    )
    await migrate(settings, service.migrations)
    await prepare_topics(settings, TOPICS)
    runtime = Runtime(service, settings)
    producer = AIOKafkaProducer(bootstrap_servers=servers.kafka_bootstrap, acks="all")
    consumer = AIOKafkaConsumer(
        *(topics + topic.name for topic in says),
        bootstrap_servers=servers.kafka_bootstrap,
        auto_offset_reset="earliest",
    )
    await runtime.start()
    await producer.start()
    await consumer.start()
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{runtime.port}", timeout=30
        ) as client:
            yield Stage(runtime, topics, producer, consumer, client, tokens)
    finally:
        await consumer.stop()
        await producer.stop()
        await runtime.stop()


def _access(folder: Path) -> tuple[Path, dict[str, str]]:
    scopes = {
        "reader": frozenset({Scope.READ}),
        "boss": frozenset({Scope.READ, Scope.PERSON, Scope.ADMIN}),
    }
    made = {name: new_token(name, granted) for name, granted in scopes.items()}
    path = folder / "access.yaml"
    entries = [entry.model_dump(mode="json", exclude_none=True) for _, entry in made.values()]
    path.write_text(json.dumps({"tokens": entries}))
    path.chmod(0o600)
    return path, {name: token for name, (token, _) in made.items()}


async def ready(stage: Stage) -> None:
    """Wait until the service can do its work."""

    async def look() -> bool:
        return (await stage.runtime.probes.ready()).ready

    await eventually(look, "readiness")
