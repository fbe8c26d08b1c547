"""Toys inside the test's own process, and events written for them by hand.

Integration tests use it; what is killed or frozen runs as a process of its own (see town).
"""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaProducer

from chassis.http.principal import Principal, Scope
from chassis.kafka.lane_of import lane_of
from chassis.runtime import Runtime
from chassis.serving import Service
from chassis.telemetry.tracing import injected
from contracts.event import Event, Mode, headers_of, value_of
from contracts.events.resolved import FactsResolved
from contracts.facts import Facts
from tests.support.toys.counter import SERVICE
from tests.support.toys.town import LANES, Town

WHO = Principal("test", frozenset(Scope))
WRITER = "scoring.sort@test"


@asynccontextmanager
async def serving(
    town: Town,
    service: Service = SERVICE,
    instance: str = "inside-0",
    *,
    ready: bool = True,
    **changes: Any,  # noqa: ANN401 - any settings
) -> AsyncIterator[Runtime]:
    """Serve until the block ends; begins when all is ready, or at least its lanes are dealt."""
    settings = town.settings(service.name, instance).model_copy(update=changes)
    # A busy machine holds a test's process up for longer than toys that freeze may be.
    runtime = Runtime(replace(service, idle_in_transaction_s=10.0), settings)
    await runtime.start()
    try:
        await eventually(lambda: _is_there(runtime, ready=ready), "the toy to be ready")
        yield runtime
    finally:
        await runtime.stop()


async def _is_there(runtime: Runtime, *, ready: bool) -> bool:
    if not ready:
        return all(step.joined for step in runtime.steps.values()) and bool(runtime.steps)
    return (await runtime.probes.ready()).ready


async def eventually(
    ask: Callable[[], Awaitable[object]], what: str, within_s: float = 30.0
) -> None:
    """Wait until the answer is truthy; an AssertionError names what did not come."""
    deadline = time.monotonic() + within_s
    while not await ask():
        assert time.monotonic() < deadline, f"waited {within_s} s for {what}"
        await asyncio.sleep(0.02)


def lead_in(lane: int, number: int = 0) -> UUID:
    """A lead whose lane is this one; another for each number."""
    found = (UUID(int=each << 64) for each in range(1, 10_000))
    return [each for each in found if lane_of(str(each), LANES) == lane][number]


def facts_of(lead: UUID, source: str = "form") -> Event[FactsResolved]:
    """A new event about a lead."""
    now = datetime.now(UTC)
    body = FactsResolved(
        lead_id=lead,
        record_id=uuid.uuid4(),
        source=source,
        facts=Facts(),
        received_at=now,
        resolved_at=now,
    )
    return Event(uuid.uuid4(), body, now, now, Mode.LIVE, None, 0)


async def write(
    town: Town,
    *events: Event[FactsResolved],
    seqs: Sequence[int] | None = None,
    producer: str = WRITER,
) -> None:
    """Write events as the sorter would; ``seqs`` are their numbers, None for none at all."""
    async with AIOKafkaProducer(bootstrap_servers=town.servers.kafka_bootstrap, acks="all") as out:
        for at, event in enumerate(events):
            headers = [*headers_of(event, "test"), *injected()]
            if seqs is not None:
                headers += [
                    ("ce_producer", producer.encode()),
                    ("ce_lane", b"0"),
                    ("ce_seq", b"%d" % seqs[at]),
                ]
            await out.send_and_wait(
                town.topic_prefix + event.body.TOPIC.name,
                value_of(event, None),
                event.body.key().encode(),
                lane_of(event.body.key(), LANES),
                headers=headers,
            )


async def heard(town: Town, lead: UUID) -> int:
    """How often the counter has heard of a lead."""
    rows = await town.ask(
        SERVICE.name, "SELECT state->>'heard' AS heard FROM tally WHERE key = $1", str(lead)
    )
    return int(rows[0]["heard"]) if rows else 0
