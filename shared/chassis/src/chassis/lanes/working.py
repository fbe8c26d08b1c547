"""A lane's work: one batch after another, and what happens where a batch is refused.

Called by the lane that holds it. A batch that PostgreSQL refuses is done again message by message,
so that only the bad one is parked; an error that may pass is raised to the lane.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from chassis.database import is_passing
from chassis.lanes.batch import FencedOff, Lane, Outcome, TimerFailed, Work, run_batch
from chassis.lanes.breaker import Breaker
from chassis.lanes.ground import Ground
from chassis.lanes.history import type_name
from chassis.lanes.parking import reason_of
from chassis.lanes.publisher import Publisher
from chassis.lanes.queue import LaneQueue
from chassis.lanes.reading import Loss, Read, read
from chassis.lanes.records import Record
from chassis.lanes.taking import Taken, stop
from chassis.lanes.timers import Timers
from chassis.telemetry.tracing import Attribute, Values
from contracts.reasons import ParkReason

log = structlog.get_logger()

_TRIES = 3

Due = Sequence[tuple[str, str]]
"""Keys and names of timers."""


@dataclass(slots=True)
class Standing:
    """What a lane's life and its work both look at and change."""

    queue: LaneQueue
    taken: Taken | None = None
    timers: Timers = field(default_factory=Timers)
    retries: list[Record] = field(default_factory=list)
    """Parked messages that somebody asked to be taken up again."""
    failed_timers: set[tuple[str, str]] = field(default_factory=set)
    """Timers whose decision failed; they wait for a release that can decide."""
    stopped: str | None = None
    """Why the lane stands until a person decides."""
    look: bool = True
    """Whether there may be news in the database."""
    last_progress: float = field(default_factory=time.monotonic)
    retired: bool = False


class TooMany(Exception):  # noqa: N818 - stops the lane, is no fault of its own
    """So many messages were parked for a bug, one after another, that the code must be wrong."""

    def __init__(self, in_a_row: int) -> None:
        """Say how many."""
        super().__init__(f"{in_a_row} messages in a row were parked for a bug in this release")


class Working:
    """Does the batches of one lane."""

    def __init__(self, ground: Ground, part: int, publisher: Publisher, at: Standing) -> None:
        """Keep what a batch needs."""
        self._ground = ground
        self._part = part
        self._publisher = publisher
        self._at = at
        self._breaker = Breaker()

    def begin(self) -> None:
        """The lane was taken anew: forget what went wrong before."""
        self._breaker = Breaker()
        self._at.failed_timers.clear()

    async def batch(self, lane: Lane, due: Due) -> None:
        """Do one batch: what lies in the queue, what is due, what is to be retried."""
        records = self._drain()
        got = self._read(records)
        try:
            await self._commit(lane, got, due)
        except (FencedOff, asyncio.CancelledError):
            raise
        except TimerFailed as failed:
            self._set_aside(failed, records)
        except Exception as error:
            if is_passing(error):
                raise
            log.warning("batch.refused", step=lane.step.name, error=type(error).__name__)
            await self._one_by_one(lane, records)
            await self._timers_one_by_one(lane, due)
            self._at.look = True
        if got.loss is not None:
            await self._stop(lane, got.loss)
        elif self._breaker.is_open:
            await self._stop(lane, TooMany(self._breaker.in_a_row))

    def _drain(self) -> list[Record]:
        at, most = self._at, self._ground.step.max_batch
        records, at.retries = at.retries[:most], at.retries[most:]
        return records + at.queue.drain(most - len(records))

    def _read(self, records: Sequence[Record]) -> Read:
        ground, taken = self._ground, self._at.taken
        assert taken is not None  # noqa: S101 - work begins when the lane is taken
        taken.marks.forget()
        got = read(ground.step, records, taken.positions, taken.marks, ground.types)
        ground.meters.read(ground.step.name, len(records), got.repeated)
        return got

    async def _commit(self, lane: Lane, got: Read, due: Due) -> None:
        taken, publisher = self._at.taken, self._publisher
        assert taken is not None  # noqa: S101 - work begins when the lane is taken
        work = Work(
            heard=got.heard,
            unreadable=got.unreadable,
            timers=due,
            moves=got.moves,
            marks=taken.marks.moved(),
            acknowledged=publisher.acknowledged(),
            retold=got.retold,
        )
        if not (work.heard or work.unreadable or work.timers or work.moves):
            return
        started, began_ns = time.perf_counter(), time.time_ns()
        outcome = await run_batch(self._ground.database, lane, self._ground.book, work)
        taken.marks.keep()
        for move in work.moves:
            taken.positions[move.topic, move.partition].next_off = move.next
        publisher.deleted(work.acknowledged)
        if len(outcome.decided.fired) < len(due):
            self._at.look = True  # not due yet by PostgreSQL's clock, or taken back: read again
        self._note(outcome, time.perf_counter() - started)
        if self._ground.tracing.records:
            self._trace(got, began_ns)
        await publisher.publish(outcome.outbox)

    def _note(self, outcome: Outcome, seconds: float) -> None:
        ground, at = self._ground, self._at
        at.last_progress = time.monotonic()
        ground.clock.saw(outcome.now)
        for each in outcome.decided.timers.values():
            if each.timer.due_at is not None:
                at.timers.add((each.timer.due_at, each.key, each.timer.name))
        if outcome.decided.heard:
            self._breaker = self._breaker.worked()
        for _, error in outcome.parked:
            reason = reason_of(error)
            ground.meters.parked(ground.step.name, reason.value)
            log.error("message.parked", step=ground.step.name, lane=self._part, reason=reason.value)
            if reason is ParkReason.BUG:
                self._breaker = self._breaker.parked()
        ground.meters.batch(ground.step.name, outcome, seconds)
        ground.on_commit(outcome)

    def _trace(self, got: Read, began_ns: int) -> None:
        """Tell of each message's part in the batch under the trace that it came with."""
        step, ended_ns = self._ground.step.name, time.time_ns()
        for record, received in got.heard:
            if received.trace is None:
                continue
            values: Values = {
                Attribute.STEP: step,
                Attribute.LANE: self._part,
                Attribute.TOPIC: record.topic,
                Attribute.PARTITION: record.partition,
                Attribute.COUNT: len(got.heard),
                Attribute.EVENT_ID: str(received.event.id),
                Attribute.EVENT_TYPE: type_name(received.event.body),
            }
            self._ground.tracing.tell(step, received.trace, began_ns, ended_ns, values)

    async def _one_by_one(self, lane: Lane, records: Sequence[Record]) -> None:
        """Do a refused batch again message by message."""
        for record in records:
            if self._at.retired or self._breaker.is_open:
                return
            got = self._read([record])
            if got.loss is not None:
                return
            await self._alone(lane, record, got)

    async def _alone(self, lane: Lane, record: Record, got: Read) -> None:
        for attempt in range(1, _TRIES + 1):
            try:
                await self._commit(lane, got, ())
            except (FencedOff, asyncio.CancelledError):
                raise
            except Exception as error:
                if is_passing(error):
                    raise
                if attempt == _TRIES:
                    parked = Read(unreadable=[(record, error)], moves=got.moves)
                    await self._commit(lane, parked, ())
            else:
                return

    async def _timers_one_by_one(self, lane: Lane, due: Due) -> None:
        """Fire timers of a refused batch alone; one that PostgreSQL refuses waits for a release."""
        for each in due:
            if self._at.retired:
                return
            self._read([])
            try:
                await self._commit(lane, Read(), [each])
            except (FencedOff, asyncio.CancelledError):
                raise
            except TimerFailed as failed:
                self._set_aside(failed, ())
            except Exception as error:
                if is_passing(error):
                    raise
                self._at.failed_timers.add(each)
                log.exception("timer.refused", step=lane.step.name, lane=self._part)

    def _set_aside(self, failed: TimerFailed, records: Sequence[Record]) -> None:
        """Let a timer whose decision fails wait for a release that can, and do the rest."""
        body: Any = failed.received.event.body
        self._at.failed_timers.add((failed.received.key, body.name))
        log.error(
            "timer.failed",
            step=self._ground.step.name,
            lane=self._part,
            timer=body.name,
            exc_info=failed.__cause__,
        )
        self._at.look = True
        again = [each for each in records if each.parked_id is None]
        self._at.queue.put_back(again, time.monotonic())

    async def _stop(self, lane: Lane, why: Loss | TooMany) -> None:
        async with self._ground.database.transaction() as tx:
            if not await stop(tx, lane.step.name, self._part, lane.epoch, str(why)):
                raise FencedOff
        self._at.stopped = str(why)
        self._ground.meters.stopped(lane.step.name, self._part)
        log.error("lane.stopped", step=lane.step.name, lane=self._part, why=str(why))
