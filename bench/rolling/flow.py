"""A steady flow of records into every lane, and how long each waited for its decision.

Both instants are Kafka's own append times, so that one clock judges: of the record that scoring
hears, and of the event that it says about it.
"""

import asyncio
import random
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from chassis.kafka.lane_of import lane_of
from contracts.event import Event, Mode, headers_of, value_of
from contracts.events.touches import FactsRecorded
from contracts.facts import Facts
from contracts.topics import LEADS_TOUCHES, MARKETING_TOUCHES

_WITHIN_S = 90.0


@dataclass(frozen=True, slots=True)
class Waited:
    """One record: when it came (seconds since 1970, UTC) and how long it waited."""

    came_s: float
    seconds: float


@dataclass
class Flow:
    """Sends to each lane so many records a second from entering to ``end``."""

    bootstrap: str
    prefix: str
    lanes: int
    per_s: float
    rng: random.Random
    _came: dict[str, tuple[int, float]] = field(default_factory=dict)
    _answered: dict[str, float] = field(default_factory=dict)
    _sent: set[str] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._stack = AsyncExitStack()
        self._producer = await self._stack.enter_async_context(
            AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all")
        )
        self._consumer = await self._stack.enter_async_context(
            AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
        )
        names = (MARKETING_TOUCHES.name, LEADS_TOUCHES.name)
        self._consumer.assign(
            [
                TopicPartition(self.prefix + name, lane)
                for name in names
                for lane in range(self.lanes)
            ]
        )
        self._tasks = [
            asyncio.create_task(self._read()),
            *(asyncio.create_task(self._feed(lane)) for lane in range(self.lanes)),
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        await self._stack.aclose()

    async def is_answered(self) -> None:
        """Wait until every lane has decided something that was sent after this was asked."""
        before = {lane: len(found) for lane, found in self.waited().items()}
        async with asyncio.timeout(_WITHIN_S):
            while any(  # noqa: ASYNC110 - no event of another process
                len(self.waited().get(lane, ())) <= before.get(lane, 0) + self.per_s
                for lane in range(self.lanes)
            ):
                await asyncio.sleep(0.1)

    async def end(self) -> Mapping[int, Sequence[Waited]]:
        """Send nothing more, and return what each lane's records waited once all are decided."""
        for task in self._tasks[1:]:
            task.cancel()
        async with asyncio.timeout(_WITHIN_S):
            while not self._sent <= self._answered.keys() & self._came.keys():  # noqa: ASYNC110 - the same
                await asyncio.sleep(0.05)
        return self.waited()

    def waited(self) -> Mapping[int, Sequence[Waited]]:
        """Return what each lane's records waited that are decided by now."""
        found: dict[int, list[Waited]] = defaultdict(list)
        for record, (lane, came_s) in self._came.items():
            if record in self._answered:
                found[lane].append(Waited(came_s, self._answered[record] - came_s))
        return found

    async def _feed(self, lane: int) -> None:
        await asyncio.sleep(self.rng.uniform(0, 1 / self.per_s))
        while True:
            await self._send(lane)
            await asyncio.sleep(self.rng.uniform(0.5, 1.5) / self.per_s)

    async def _send(self, lane: int) -> None:
        now = datetime.now(UTC)
        body = FactsRecorded(
            identity=self._somebody(lane),
            identity_keys=(),
            record_id=uuid.uuid4(),
            source="bench",
            facts=Facts(),
            received_at=now,
        )
        event = Event(uuid.uuid4(), body, now, now, Mode.LIVE, None, 0)
        self._sent.add(str(body.record_id))
        await self._producer.send(
            self.prefix + MARKETING_TOUCHES.name,
            value=value_of(event, None),
            key=body.identity.encode(),
            partition=lane,
            headers=headers_of(event, "bench"),
        )

    def _somebody(self, lane: int) -> str:
        while True:
            identity = f"somebody-{self.rng.getrandbits(48)}"
            if lane_of(identity, self.lanes) == lane:
                return identity

    async def _read(self) -> None:
        async for record in self._consumer:
            self._took(record)

    def _took(self, record: Any) -> None:  # noqa: ANN401 - aiokafka has no types
        told = orjson.loads(record.value)["record_id"]
        at_s = record.timestamp / 1000
        if record.topic.endswith(MARKETING_TOUCHES.name):
            self._came[told] = (record.partition, at_s)
        else:
            self._answered.setdefault(told, at_s)
