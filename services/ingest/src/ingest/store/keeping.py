"""Makes a touch durable before its sender is told so: in Kafka, or else in the spool.

Doors call ``Keeper.keep``. Where Kafka is silent a breaker sends all to the spool, until the
worker's sweep has brought one through. Where it is only slow it is waited for: a spool costs more
than it saves when processors or broker are busy.
"""

import asyncio
import contextlib
from enum import StrEnum

from chassis.database import Database, Unavailable, is_passing
from chassis.kafka.lane_of import lane_of
from chassis.kafka.sender import Outgoing, Sender
from chassis.telemetry.metrics import Meaning, Meters, MetricName
from chassis.telemetry.tracing import injected
from contracts.event import headers_of, value_of
from ingest.domain.patience import is_silent, waits_on
from ingest.domain.touch import Taken
from ingest.store import spool

_SPOOLED_WITHIN_S = 3.0
_HELD_UP_S = 0.05
"""An event loop that was held up finds timer and acknowledgement in one turn, the timer first."""
_KAFKA_ALONE_WITHIN_S = 2.0
"""How long Kafka may take where PostgreSQL takes nothing: late is better than refused."""


class Kept(StrEnum):
    """Where a touch is safe."""

    KAFKA = "kafka"
    """Acknowledged by Kafka."""
    SPOOL = "spool"
    """Committed in PostgreSQL; Kafka gets it later."""


class KeepingMetric(MetricName):
    """What ingest counts."""

    KEPT = Meaning("baton_touches_kept_total", "Touches made durable, by where.", ("where",))
    BREAKER = Meaning(
        "baton_spool_breaker_open", "1 while touches go to the spool without asking Kafka."
    )


class Keeper:
    """Keeps touches. ``wake`` is set whenever something was put into the spool."""

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

    async def keep(self, taken: Taken) -> Kept:
        """Return once the touch is durable. Raises Unavailable where neither has it."""
        where = await self._kept_somewhere(self._record(taken))
        self._kept[where].inc()
        return where

    async def _kept_somewhere(self, record: Outgoing) -> Kept:
        sent = None
        if not self.is_open:
            sent = await self._sent(record)
            if _has(sent):
                return Kept.KAFKA
            self._turn(is_open=is_silent(_now() - self._acknowledged_at, self._within_s))
        try:
            await self._spooled(record)
        except Exception as error:
            if not is_passing(error):
                raise
            # Kafka may only be slow, or be back before any sweep could tell.
            sent = sent or await self._sent(record)
            if sent is not None and not sent.done():
                await asyncio.wait([sent], timeout=_KAFKA_ALONE_WITHIN_S)
            if not _has(sent):
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

    async def _sent(self, record: Outgoing) -> "asyncio.Future[object] | None":
        """Hand a record to Kafka's client and wait for the acknowledgement as long as it may take.

        Returns what was handed over, done or not: one that is too late may still arrive.
        """
        future = None
        with contextlib.suppress(Exception):  # whatever Kafka's client raises, the spool takes it
            async with asyncio.timeout(self._within_s):
                future = await self._sender.send(record)
            future.add_done_callback(self._heard)
            await self._waited_for(future)
        return future

    async def _waited_for(self, future: "asyncio.Future[object]") -> None:
        """Return when it is done, or when there is no more patience."""
        began = _now()
        while not future.done() and waits_on(
            _now() - began, _now() - self._acknowledged_at, self._within_s
        ):
            await asyncio.wait([future], timeout=self._within_s)
        await asyncio.wait([future], timeout=_HELD_UP_S)

    def _heard(self, future: "asyncio.Future[object]") -> None:
        if not future.cancelled() and future.exception() is None:
            self._acknowledged_at = _now()

    async def _spooled(self, record: Outgoing) -> None:
        async with asyncio.timeout(_SPOOLED_WITHIN_S), self._database.transaction() as tx:
            await spool.put(tx, [record])

    def _record(self, taken: Taken) -> Outgoing:
        body = taken.event.body
        return Outgoing(
            topic=body.TOPIC.name,
            partition=lane_of(body.identity, self._lanes),
            key=body.identity.encode(),
            value=value_of(taken.event, taken.person),
            headers=[*headers_of(taken.event, "ingest"), *injected()],
        )


def _now() -> float:
    return asyncio.get_running_loop().time()


def _has(sent: "asyncio.Future[object] | None") -> bool:
    """Tell whether Kafka has acknowledged a record."""
    if sent is None or not sent.done() or sent.cancelled():
        return False
    return sent.exception() is None
