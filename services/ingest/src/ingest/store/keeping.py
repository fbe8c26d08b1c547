"""Makes events durable before their sender is told so: in Kafka, or else in the spool.

Doors call ``Keeper.keep``, with one event or several. Where Kafka is silent a breaker sends all to
the spool, until the worker's sweep has brought one through. Where it is only slow it is waited for:
a spool costs more than it saves when processors or broker are busy.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from chassis.database import Database, Unavailable, is_passing
from chassis.kafka.lane_of import lane_of
from chassis.kafka.sender import Outgoing, Sender
from chassis.telemetry.metrics import Meaning, Meters, MetricName
from chassis.telemetry.tracing import injected
from contracts.body import Body
from contracts.event import Event, headers_of, value_of
from contracts.person import Person
from ingest.domain.patience import is_silent, waits_on
from ingest.store import spool

_SPOOLED_WITHIN_S = 3.0
_HELD_UP_S = 0.05
"""An event loop that was held up finds timer and acknowledgement in one turn, the timer first."""
_KAFKA_ALONE_WITHIN_S = 2.0
"""How long Kafka may take where PostgreSQL takes nothing: late is better than refused."""


class Told(Protocol):
    """What is to be made durable: an event, and the person that travels beside it."""

    @property
    def event(self) -> Event[Body]:
        """What is recorded."""
        ...

    @property
    def person(self) -> Person | None:
        """Whom it is about; none where the event carries nobody."""
        ...


class Kept(StrEnum):
    """Where an event is safe."""

    KAFKA = "kafka"
    """Acknowledged by Kafka."""
    SPOOL = "spool"
    """Committed in PostgreSQL; Kafka gets it later."""


class KeepingMetric(MetricName):
    """What ingest counts."""

    KEPT = Meaning(
        "baton_touches_kept_total", "Touches and other events made durable, by where.", ("where",)
    )
    BREAKER = Meaning(
        "baton_spool_breaker_open", "1 while touches go to the spool without asking Kafka."
    )


class Keeper:
    """Keeps events. ``wake`` is set whenever something was put into the spool."""

    def __init__(
        self, database: Database, sender: Sender, meters: Meters, *, lanes: int, within_s: float
    ) -> None:
        """Keep what is needed; ``within_s`` is how long Kafka may take to acknowledge."""
        self._database = database
        self._sender = sender
        self._lanes = lanes
        self._within_s = within_s
        self._kept = {where: meters.counter(KeepingMetric.KEPT).labels(where) for where in Kept}
        self._gauge = meters.gauge(KeepingMetric.BREAKER)
        self._acknowledged_at = float("-inf")
        self.is_open = False
        self.wake = asyncio.Event()

    async def keep(self, *told: Told) -> Kept:
        """Return once all of them are durable. Raises Unavailable where one may be lost."""
        where = await self._kept_somewhere([self._record(each) for each in told])
        self._kept[where].inc(len(told))
        return where

    async def _kept_somewhere(self, records: Sequence[Outgoing]) -> Kept:
        sent: list[asyncio.Future[object]] = []
        if not self.is_open:
            sent = await self._sent(records)
            if _have(sent, records):
                return Kept.KAFKA
            self._turn(is_open=is_silent(_now() - self._acknowledged_at, self._within_s))
        try:
            await self._spooled(_left(sent, records))
        except Exception as error:
            if not is_passing(error):
                raise
            # Kafka may only be slow, or be back before any sweep could tell.
            if len(sent) < len(records):
                sent += await self._sent(records[len(sent) :])
            if waiting := [each for each in sent if not each.done()]:
                await asyncio.wait(waiting, timeout=_KAFKA_ALONE_WITHIN_S)
            if not _have(sent, records):
                raise Unavailable("neither Kafka nor PostgreSQL takes touches") from error
            self._turn(is_open=False)
            return Kept.KAFKA
        self.wake.set()
        return Kept.SPOOL

    def close(self) -> None:
        """Ask Kafka first again: a sweep has succeeded, or there is nothing left to sweep."""
        self._turn(is_open=False)

    def _turn(self, *, is_open: bool) -> None:
        self.is_open = is_open
        self._gauge.set(1 if is_open else 0)

    async def _sent(self, records: Sequence[Outgoing]) -> "list[asyncio.Future[object]]":
        """Hand records to Kafka's client and wait for acknowledgements as long as they may take.

        Returns what was handed over, in order, done or not: one that is too late may still arrive.
        """
        handed: list[asyncio.Future[object]] = []
        with contextlib.suppress(Exception):  # whatever Kafka's client raises, the spool takes it
            async with asyncio.timeout(self._within_s):
                for record in records:
                    handed.append(await self._sender.send(record))  # noqa: PERF401 - up to a failure
        for future in handed:
            future.add_done_callback(self._heard)
        if handed:
            await self._waited_for(handed)
        return handed

    async def _waited_for(self, handed: "Sequence[asyncio.Future[object]]") -> None:
        """Return when all are done, or when there is no more patience."""
        began = _now()
        while (waiting := [each for each in handed if not each.done()]) and waits_on(
            _now() - began, _now() - self._acknowledged_at, self._within_s
        ):
            await asyncio.wait(waiting, timeout=self._within_s)
        if waiting:
            await asyncio.wait(waiting, timeout=_HELD_UP_S)

    def _heard(self, future: "asyncio.Future[object]") -> None:
        if not future.cancelled() and future.exception() is None:
            self._acknowledged_at = _now()

    async def _spooled(self, records: Sequence[Outgoing]) -> None:
        async with asyncio.timeout(_SPOOLED_WITHIN_S), self._database.transaction() as tx:
            await spool.put(tx, records)

    def _record(self, told: Told) -> Outgoing:
        body = told.event.body
        topic, key = body.topic(), body.key()
        return Outgoing(
            topic=topic.name,
            partition=lane_of(key, self._lanes) if topic.by_lane else 0,
            key=key.encode(),
            value=value_of(told.event, told.person),
            headers=[*headers_of(told.event, "ingest"), *injected()],
        )


def _now() -> float:
    return asyncio.get_running_loop().time()


def _has(sent: "asyncio.Future[object]") -> bool:
    """Tell whether Kafka has acknowledged a record."""
    return sent.done() and not sent.cancelled() and sent.exception() is None


def _have(sent: "Sequence[asyncio.Future[object]]", records: Sequence[Outgoing]) -> bool:
    """Tell whether Kafka has acknowledged all of them."""
    return len(sent) == len(records) and all(_has(each) for each in sent)


def _left(
    sent: "Sequence[asyncio.Future[object]]", records: Sequence[Outgoing]
) -> Sequence[Outgoing]:
    """Return the records that Kafka has not acknowledged."""
    missing = len(records) - len(sent)
    return [
        *(record for record, each in zip(records, sent, strict=False) if not _has(each)),
        *(records[-missing:] if missing else ()),
    ]
