"""One lane in the hands of this process: take it, read, decide, publish, fire timers, over again.

Made by the step's runtime for each lane that the group gives it. An abandoned one never seeks,
resumes or publishes again; the fence makes sure that it cannot commit either.
"""

import asyncio
import math
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from aiokafka.errors import KafkaError

from chassis.clock import Clock
from chassis.database import Database, is_passing
from chassis.kafka.sender import Sender
from chassis.lanes import rows
from chassis.lanes.batch import FencedOff, Lane, Outcome, TimerFailed, Work, run_batch
from chassis.lanes.breaker import Breaker
from chassis.lanes.meters import LaneMeters
from chassis.lanes.parking import reason_of, to_retry
from chassis.lanes.publisher import Publisher
from chassis.lanes.reading import Loss, Read, Types, read
from chassis.lanes.records import Record
from chassis.lanes.retry import backoff_s
from chassis.lanes.step import Step
from chassis.lanes.taking import Log, Place, Taken, stop, take
from chassis.lanes.timers import HORIZON, NEAR, Timers, has_caught_up
from chassis.lanes.writing import Signature
from chassis.policies.versions import PolicyBook
from chassis.settings import Settings
from contracts.reasons import ParkReason

log = structlog.get_logger()

_SWEEP_S = 1.0
_TRIES = 3
_FINISH_POLL_S = 0.01


class Feed(Protocol):
    """Where a lane's records come from; the step's runtime."""

    async def logs(self, part: int) -> dict[Place, Log]:
        """Return where each of the lane's partitions begins and ends."""
        ...

    def begin(self, runner: "LaneRunner") -> None:
        """Seek to the lane's positions and let its records come."""
        ...

    def drained(self, runner: "LaneRunner") -> None:
        """Let records come again if the lane's queue was full."""
        ...


@dataclass(frozen=True, slots=True)
class Ground:
    """What all lanes of a step share in this process."""

    step: Step[Any, Any]
    service: str
    incarnation: str
    settings: Settings
    database: Database
    book: PolicyBook
    sender: Sender
    clock: Clock
    meters: LaneMeters
    types: Types
    feed: Feed
    on_commit: Callable[[Outcome], None]
    """Told of every committed batch, in this process only; for tests and measures."""


class LaneRunner:
    """One lane from the moment the group gives it until the group takes it back."""

    def __init__(self, ground: Ground, part: int) -> None:
        """Stand ready; ``run`` begins."""
        self.ground = ground
        self.part = part
        self.queue: deque[Record] = deque()
        self.taken: Taken | None = None
        self.retired = False
        self.waits = False
        self.stopped: str | None = None
        self.last_progress = time.monotonic()
        self.timers = Timers()
        self._ends: dict[Place, int] = {}
        self._taken_at = 0.0
        self._reached: set[Place] = set()
        """Places of which something came since the lane was taken."""
        self._failed_timers: set[tuple[str, str]] = set()
        self._breaker = Breaker()
        self._retries: list[Record] = []
        gathered = ground.step.least_patience_s
        self._patience_s = {
            topic.name: seconds - gathered for topic, seconds in ground.step.patience.items()
        }
        self._ripe_at = math.inf
        """When what lies in the queue has waited long enough for more."""
        self._woken = asyncio.Event()
        self._look = True
        self._anew = False
        self._finishing = False
        self._swept = 0.0
        self.publisher = Publisher(
            ground.sender, ground.database, ground.step.name, part, self._woken.set
        )

    @property
    def lane(self) -> Lane:
        """Who this lane is in the database."""
        ground = self.ground
        assert self.taken is not None  # noqa: S101 - asked only after it was taken
        step = ground.step
        signature = Signature(
            ground.service,
            f"{ground.service}.{step.name}@{ground.incarnation}",
            self.part,
            ground.settings.lanes,
            step.counts_versions,
        )
        return Lane(step, self.part, self.taken.epoch, signature)

    def offer(self, records: Sequence[Record]) -> None:
        """Take records from the pump."""
        if self.retired or self.taken is None or not records or self._is_ahead(records[0]):
            return
        if not self.queue:
            self.last_progress = time.monotonic()  # nothing to do is no standstill
        self.queue.extend(records)
        ripe_at = time.monotonic() + self._patience_s.get(records[0].topic, 0.0)
        if ripe_at < self._ripe_at:
            self._ripe_at = ripe_at
            self._woken.set()

    def _is_ahead(self, first: Record) -> bool:
        """Seek once more where a place begins beyond its position; after that it is a hole."""
        place = (first.topic, first.partition)
        position = self.taken.positions.get(place) if self.taken is not None else None
        if position is None or place in self._reached:
            return False
        self._reached.add(place)
        if first.offset <= position.next_off:
            return False
        self.ground.feed.begin(self)
        return True

    def wake(self) -> None:
        """Look again at outbox, timers and parked messages: somebody said there is news."""
        self._look = True
        self._woken.set()

    def begin_anew(self, why: str) -> None:
        """Take the lane again: what it holds in memory no longer fits the log."""
        log.warning("lane.begins_anew", step=self.ground.step.name, lane=self.part, why=why)
        self._anew = True
        self._woken.set()

    def finish(self) -> None:
        """End after the present batch, once Kafka has acknowledged what was sent."""
        self._finishing = True
        self._woken.set()

    def retire(self) -> None:
        """Never act for this lane again."""
        self.retired = True
        self.publisher.retire()
        self._woken.set()

    async def run(self) -> None:
        """Take the lane and serve it until it is retired, beginning anew after each error."""
        attempt = 0
        while not self.retired:
            try:
                await self._take()
                attempt = 0
                await self._serve()
            except FencedOff:
                attempt += 1
                self.ground.meters.fenced(self.ground.step.name, self.part)
            except Exception as error:  # noqa: BLE001 - a lane never dies of an error
                attempt += 1
                self._complain(error, attempt)
            if not self.retired:
                await asyncio.sleep(backoff_s(attempt, cap_s=2.0, jitter=random.random()))  # noqa: S311 - jitter is no secret

    def _complain(self, error: Exception, attempt: int) -> None:
        self.waits = is_passing(error) or isinstance(error, KafkaError)
        fields = {"step": self.ground.step.name, "lane": self.part, "attempt": attempt}
        if self.waits:
            log.warning("lane.waits", error=type(error).__name__, why=str(error)[:200], **fields)
        else:
            log.error("lane.failed", error=type(error).__name__, exc_info=error, **fields)

    async def _take(self) -> None:
        ground = self.ground
        self.taken = None
        self._reached = set()
        self.queue.clear()
        self._ripe_at = math.inf
        logs = await ground.feed.logs(self.part)
        taken = await take(
            ground.database, ground.step.name, self.part, ground.settings.instance, logs
        )
        await self.publisher.begin()
        self._ends = {place: bounds.end for place, bounds in logs.items()}
        self._taken_at = time.monotonic()
        self._failed_timers.clear()
        self.timers = Timers()
        self.stopped = taken.stopped
        self._anew = False
        self.waits = False
        self._look = True
        if self.retired:
            return
        self.taken = taken
        if self.stopped is None:
            ground.feed.begin(self)
        else:
            log.error("lane.stopped", step=ground.step.name, lane=self.part, why=self.stopped)

    async def _serve(self) -> None:
        while not self.retired:
            await self._rest()
            if self._anew:
                raise FencedOff
            if self._finishing and self._is_finished():
                self.retire()
                return
            if self.publisher.broken or not self.publisher.is_current:
                await self.publisher.mend()
            elif self.publisher.behind:
                await self.publisher.catch_up()
            if self._look or time.monotonic() - self._swept > _SWEEP_S:
                await self._sweep()
            if self.stopped is None and not self.retired and not self._finishing:
                await self._work()

    def _is_finished(self) -> bool:
        publisher = self.publisher
        return publisher.broken or (publisher.unacknowledged == 0 and not publisher.behind)

    async def _rest(self) -> None:
        if self._finishing:
            await asyncio.sleep(_FINISH_POLL_S)
            return
        if self._has_work():
            return
        due = self.timers.next_due()
        wait = _SWEEP_S
        if due is not None and self._timers_may_fire():
            wait = min(wait, self.ground.clock.seconds_until(due))
        if self.queue and self.stopped is None:
            wait = min(wait, max(0.0, self._ripe_at - time.monotonic()))
        self._woken.clear()
        if self._has_work():
            return
        try:
            async with asyncio.timeout(wait):
                await self._woken.wait()
        except TimeoutError:
            return

    def _has_work(self) -> bool:
        return bool(self._look or self._retries or (self._is_ripe() and self.stopped is None))

    def _is_ripe(self) -> bool:
        """Whether the queue need not wait for more records any longer."""
        full = len(self.queue) >= self.ground.step.max_batch
        return bool(self.queue) and (full or time.monotonic() >= self._ripe_at)

    async def _sweep(self) -> None:
        """Look at what others may have left: outbox rows, timers, messages to be retried."""
        self._look = False
        self._swept = time.monotonic()
        ground, gone = self.ground, self.publisher.acknowledged()
        async with ground.database.transaction() as tx:
            row = await tx.fetch_one(
                "SELECT stopped, epoch, clock_now() AS now FROM lane WHERE step = $1 AND part = $2",
                ground.step.name,
                self.part,
            )
            if row is None or row["epoch"] != self.lane.epoch:
                raise FencedOff
            ground.clock.saw(row["now"])
            if gone:
                await rows.drop_acknowledged(tx, ground.step.name, self.part, gone)
            whole = self.timers.wants_look(row["now"])
            until = row["now"] + (HORIZON if whole else NEAR)
            found = await rows.timers_until(tx, ground.step.name, self.part, until, 100_000)
            self._retries = await to_retry(tx, ground.step.name, self.part, 50)
        self.publisher.deleted(gone)
        entries = [(each.due_at, each.key, each.name) for each in found]
        if whole:
            self.timers.load(entries, until)
        for entry in entries:
            self.timers.add(entry)
        ground.meters.standing(
            ground.step.name,
            self.part,
            len(self.queue),
            self.publisher.unacknowledged,
            len(self.timers),
        )
        if self.stopped is not None and row["stopped"] is None:
            raise FencedOff  # a person lets it go on: take it again from its positions
        await self.publisher.catch_up()

    async def _work(self) -> None:
        """Do one batch: what lies in the queue, what is due, what is to be retried."""
        due = self._due_timers()
        if not (due or self._retries or self._is_ripe()):
            return
        records = self._drain()
        got = self._read(records)
        try:
            await self._commit(got, due)
        except (FencedOff, asyncio.CancelledError):
            raise
        except TimerFailed as failed:
            await self._set_aside(failed, records)
        except Exception as error:
            if is_passing(error):
                raise
            log.warning("batch.refused", step=self.ground.step.name, error=type(error).__name__)
            await self._one_by_one(records)
            await self._timers_one_by_one(due)
            self._look = True
        self.ground.feed.drained(self)
        if got.loss is not None:
            await self._stop(got.loss)

    def _drain(self) -> list[Record]:
        most = self.ground.step.max_batch
        records, self._retries = self._retries[:most], self._retries[most:]
        while self.queue and len(records) < most:
            records.append(self.queue.popleft())
        if not self.queue:
            self._ripe_at = math.inf
        return records

    def _read(self, records: Sequence[Record]) -> Read:
        assert self.taken is not None  # noqa: S101 - serving begins when it is taken
        ground, taken = self.ground, self.taken
        taken.marks.forget()
        got = read(
            ground.step, records, taken.positions, taken.marks, ground.types, taken.producers
        )
        ground.meters.read(ground.step.name, len(records), got.repeated)
        return got

    async def _commit(self, got: Read, due: Sequence[tuple[str, str]]) -> None:
        assert self.taken is not None  # noqa: S101 - serving begins when it is taken
        ground, taken = self.ground, self.taken
        work = Work(
            heard=got.heard,
            unreadable=got.unreadable,
            timers=due,
            moves=got.moves,
            marks=taken.marks.moved(),
            acknowledged=self.publisher.acknowledged(),
            retold=got.retold,
        )
        if not (work.heard or work.unreadable or work.timers or work.moves):
            return
        started = time.perf_counter()
        outcome = await run_batch(ground.database, self.lane, ground.book, work)
        taken.marks.keep()
        for move in work.moves:
            taken.positions[move.topic, move.partition].next_off = move.next
        self.publisher.deleted(work.acknowledged)
        if len(outcome.decided.fired) < len(due):
            self._look = True  # not due yet by PostgreSQL's clock, or taken back: read again
        self._note(outcome, time.perf_counter() - started)
        await self.publisher.publish(outcome.outbox)

    def _note(self, outcome: Outcome, seconds: float) -> None:
        ground = self.ground
        self.last_progress = time.monotonic()
        ground.clock.saw(outcome.now)
        for each in outcome.decided.timers.values():
            if each.timer.due_at is not None:
                self.timers.add((each.timer.due_at, each.key, each.timer.name))
        if outcome.decided.heard:
            self._breaker = self._breaker.worked()
        for _, error in outcome.parked:
            reason = reason_of(error)
            ground.meters.parked(ground.step.name, reason.value)
            log.error("message.parked", step=ground.step.name, lane=self.part, reason=reason.value)
            if reason is ParkReason.BUG:
                self._breaker = self._breaker.parked()
        ground.meters.batch(ground.step.name, outcome, seconds)
        ground.on_commit(outcome)
        if self._breaker.is_open:
            raise _TooMany(self._breaker.in_a_row)

    async def _one_by_one(self, records: Sequence[Record]) -> None:
        """Do a refused batch again message by message, so that only the bad one is parked."""
        for record in records:
            if self.retired:
                return
            got = self._read([record])
            if got.loss is not None:
                return
            try:
                await self._alone(record, got)
            except _TooMany as many:
                await self._stop(many)
                return

    async def _alone(self, record: Record, got: Read) -> None:
        for attempt in range(1, _TRIES + 1):
            try:
                await self._commit(got, ())
            except (FencedOff, _TooMany, asyncio.CancelledError):
                raise
            except Exception as error:
                if is_passing(error):
                    raise
                if attempt == _TRIES:
                    parked = Read(unreadable=[(record, error)], moves=got.moves)
                    await self._commit(parked, ())
            else:
                return

    async def _timers_one_by_one(self, due: Sequence[tuple[str, str]]) -> None:
        """Fire timers of a refused batch alone; one that PostgreSQL refuses waits for a release."""
        for each in due:
            if self.retired:
                return
            self._read([])
            try:
                await self._commit(Read(), [each])
            except (FencedOff, _TooMany, asyncio.CancelledError):
                raise
            except TimerFailed as failed:
                await self._set_aside(failed, ())
            except Exception as error:
                if is_passing(error):
                    raise
                self._failed_timers.add(each)
                log.exception("timer.refused", step=self.ground.step.name, lane=self.part)

    async def _set_aside(self, failed: TimerFailed, records: Sequence[Record]) -> None:
        """Let a timer whose decision fails wait for a release that can, and do the rest."""
        body: Any = failed.received.event.body
        self._failed_timers.add((failed.received.key, body.name))
        log.error(
            "timer.failed",
            step=self.ground.step.name,
            lane=self.part,
            timer=body.name,
            exc_info=failed.__cause__,
        )
        self._look = True
        self.queue.extendleft(reversed([each for each in records if each.parked_id is None]))

    def _timers_may_fire(self) -> bool:
        if self.taken is None:
            return False
        waited = time.monotonic() - self._taken_at
        return waited > self.ground.settings.timer_catchup_s or has_caught_up(
            self.taken.positions, self._ends
        )

    def _due_timers(self) -> list[tuple[str, str]]:
        if not self._timers_may_fire():
            return []
        due = self.timers.pop_due(self.ground.clock.about_now(), self.ground.step.max_batch)
        return [each for each in due if each not in self._failed_timers]

    async def _stop(self, why: "Loss | _TooMany") -> None:
        step = self.ground.step.name
        async with self.ground.database.transaction() as tx:
            if not await stop(tx, step, self.part, self.lane.epoch, str(why)):
                raise FencedOff
        self.stopped = str(why)
        self.ground.meters.stopped(step, self.part)
        log.error("lane.stopped", step=step, lane=self.part, why=self.stopped)


class _TooMany(Exception):  # noqa: N818 - stops the lane, is no fault of its own
    """So many messages were parked for a bug, one after another, that the code must be wrong."""

    def __init__(self, in_a_row: int) -> None:
        """Say how many."""
        super().__init__(f"{in_a_row} messages in a row were parked for a bug in this release")
