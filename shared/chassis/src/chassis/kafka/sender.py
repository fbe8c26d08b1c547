"""The idempotent producer, made anew when a send fails for good.

Lanes hand it records in order and watch the futures; it never retries a record itself: after a
failure the lanes publish again from their outbox.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chassis.kafka.connection import connection_arguments
from chassis.lanes.retry import backoff_s
from chassis.settings import Settings
from chassis.stopping import CUT_PRODUCER_S, FLUSH_S, within

log = structlog.get_logger()

_ENQUEUED_WITHIN_S = 15.0
"""Longer than aiokafka itself waits for a topic's metadata or for room."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record as it goes to Kafka. ``topic`` stands without the installation's prefix."""

    topic: str
    partition: int
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]


class Sender:
    """One producer of a process. ``generation`` counts the producers it has had."""

    def __init__(self, settings: Settings, *, idempotent: bool = True) -> None:
        """Keep the settings; nothing is opened yet."""
        self._settings = settings
        self._idempotent = idempotent
        self._producer: AIOKafkaProducer | None = None
        self._renewal: asyncio.Task[None] | None = None
        self._enqueuing: set[asyncio.Timeout] = set()
        self.generation = 0

    async def start(self) -> None:
        """Open the producer, however long the broker takes to answer."""
        attempt = 0
        while self._producer is None:
            producer = AIOKafkaProducer(
                acks="all",
                enable_idempotence=self._idempotent,
                linger_ms=0,
                max_request_size=8 * 1_048_576,
                **connection_arguments(self._settings),
            )
            try:
                await producer.start()
            except (KafkaError, OSError, TimeoutError) as error:
                await _close(producer)
                attempt += 1
                log.warning("kafka.unreachable", error=type(error).__name__, attempt=attempt)
                await asyncio.sleep(backoff_s(attempt, cap_s=2.0))
            except asyncio.CancelledError:
                await _close(producer)
                raise
            else:
                self._producer = producer
                self.generation += 1

    async def know(self, topic: str) -> None:
        """Ask Kafka who leads a topic's partitions, so that the first record need not wait."""
        with contextlib.suppress(KafkaError, TimeoutError):
            if self._producer is not None:
                await self._producer.partitions_for(self._settings.topic_prefix + topic)

    async def send(self, record: Outgoing) -> "asyncio.Future[object]":
        """Enqueue a record; the future ends when all replicas have it.

        Raises KafkaError or TimeoutError where it cannot even be enqueued.
        """
        producer = self._producer
        if producer is None:
            raise TimeoutError("the producer is being made anew")
        # A client that is closed never answers who waits for metadata: renew and stop let go of it.
        limit = asyncio.timeout(_ENQUEUED_WITHIN_S)
        self._enqueuing.add(limit)
        try:
            async with limit:
                future: asyncio.Future[object] = await producer.send(
                    self._settings.topic_prefix + record.topic,
                    value=record.value,
                    key=record.key,
                    partition=record.partition,
                    headers=list(record.headers),
                )
        finally:
            self._enqueuing.discard(limit)
        return future

    async def renew(self, generation: int) -> None:
        """Close the producer of ``generation`` and open another; no effect on a newer one.

        Whoever asks may be called off meanwhile, a lane by a rebalance: the others need the new
        producer nevertheless.
        """
        if generation != self.generation:
            return
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(), name="sender.renew")
        await asyncio.shield(self._renewal)

    async def _renew(self) -> None:
        await self._close_producer()
        await self.start()

    async def stop(self) -> None:
        """Send what is enqueued and close, within a deadline."""
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.wait([self._renewal], timeout=FLUSH_S + CUT_PRODUCER_S)
        await self._close_producer()

    async def _close_producer(self) -> None:
        old, self._producer = self._producer, None
        if old is None:
            return
        await _close(old)
        now = asyncio.get_running_loop().time()
        for limit in self._enqueuing:
            if not limit.expired():
                limit.reschedule(now)


async def _close(producer: AIOKafkaProducer) -> None:
    if not await within("flushing a producer", FLUSH_S, producer.stop()):
        await within("closing a producer", CUT_PRODUCER_S, _cut(producer))


async def _cut(producer: AIOKafkaProducer) -> None:
    if producer._sender is not None:  # noqa: SLF001 - a stop cut short leaves its loop behind
        await producer._sender.close()  # noqa: SLF001
    await producer.client.close()
