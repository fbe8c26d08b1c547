"""One lane's life in this process: taken, served until the group takes it back, taken again.

Made by the step's runtime for each lane that the group gives it. An abandoned one never seeks,
resumes or publishes again; the fence makes sure that it cannot commit either. What a batch is
stands in chassis.lanes.working.
"""

import asyncio
import random
import time
from collections.abc import Sequence

import structlog
from aiokafka.errors import KafkaError

from chassis.database import is_passing
from chassis.lanes import rows
from chassis.lanes.batch import FencedOff, Lane
from chassis.lanes.ground import Ground
from chassis.lanes.parking import to_retry
from chassis.lanes.publisher import Publisher
from chassis.lanes.queue import LaneQueue
from chassis.lanes.records import Record
from chassis.lanes.retry import backoff_s
from chassis.lanes.taking import Place, Taken, claim, take
from chassis.lanes.timers import HORIZON, NEAR, Timers, has_caught_up
from chassis.lanes.working import Due, Standing, Working
from chassis.lanes.writing import Signature

log = structlog.get_logger()

_SWEEP_S = 1.0
_FINISH_POLL_S = 0.01


class LaneRunner:
    """One lane from the moment the group gives it until the group takes it back."""

    def __init__(self, ground: Ground, part: int) -> None:
        """Stand ready; ``run`` begins."""
        self.ground = ground
        self.part = part
        self.at = Standing(LaneQueue(ground.step))
        self.waits = False
        self._ends: dict[Place, int] = {}
        self._taken_at = 0.0
        self._woken = asyncio.Event()
        self._anew = False
        self._finishing = False
        self._swept = 0.0
        self.publisher = Publisher(
            ground.sender, ground.database, ground.step.name, part, self._woken.set
        )
        self._working = Working(ground, part, self.publisher, self.at)

    @property
    def taken(self) -> Taken | None:
        """What the lane stands on; None while it is being taken."""
        return self.at.taken

    @property
    def queue(self) -> LaneQueue:
        """What was read and not decided yet."""
        return self.at.queue

    @property
    def stopped(self) -> str | None:
        """Why the lane stands until a person decides; None while it may run."""
        return self.at.stopped

    @property
    def last_progress(self) -> float:
        """When the lane last moved, in seconds of the monotonic clock."""
        return self.at.last_progress

    @property
    def lane(self) -> Lane:
        """Who this lane is in the database."""
        ground, taken = self.ground, self.at.taken
        assert taken is not None  # noqa: S101 - asked only after it was taken
        step = ground.step
        signature = Signature(
            ground.service,
            f"{ground.service}.{step.name}@{ground.incarnation}",
            self.part,
            ground.settings.lanes,
            step.counts_versions,
        )
        return Lane(step, self.part, taken.epoch, signature)

    def offer(self, records: Sequence[Record]) -> None:
        """Take records of one place from the pump."""
        at = self.at
        if at.retired or at.taken is None or not records:
            return
        if at.queue.is_ahead(records[0], at.taken.positions):
            self.ground.feed.begin(self)
            return
        now = time.monotonic()
        if not at.queue:
            at.last_progress = now  # nothing to do is no standstill
        if at.queue.put(records, now):
            self._woken.set()

    def wake(self) -> None:
        """Look again at outbox, timers and parked messages: somebody said there is news."""
        self.at.look = True
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
        self.at.retired = True
        self.publisher.retire()
        self._woken.set()

    async def run(self) -> None:
        """Take the lane and serve it until it is retired, beginning anew after each error."""
        attempt = 0
        while not self.at.retired:
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
            if not self.at.retired:
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
        at = self.at
        at.taken = None
        at.queue.clear()
        step, owner = ground.step.name, ground.settings.instance
        claimed = await claim(ground.database, step, self.part, owner)
        logs = await ground.feed.logs(self.part)
        taken = await take(ground.database, step, self.part, claimed, logs)
        if taken is None:
            raise FencedOff
        await self.publisher.begin()
        self._ends = {place: bounds.end for place, bounds in logs.items()}
        self._taken_at = time.monotonic()
        self._working.begin()
        at.timers = Timers()
        at.stopped = taken.stopped
        at.look = True
        self._anew = False
        self.waits = False
        if at.retired:
            return
        at.taken = taken
        if at.stopped is None:
            ground.feed.begin(self)
        else:
            log.error("lane.stopped", step=step, lane=self.part, why=at.stopped)

    async def _serve(self) -> None:
        while not self.at.retired:
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
            if self.at.look or time.monotonic() - self._swept > _SWEEP_S:
                await self._sweep()
            if self.at.stopped is None and not self.at.retired and not self._finishing:
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
        due = self.at.timers.next_due()
        wait = _SWEEP_S
        if due is not None and self._timers_may_fire():
            wait = min(wait, self.ground.clock.seconds_until(due))
        if self.at.queue and self.at.stopped is None:
            wait = min(wait, max(0.0, self.at.queue.ripe_at - time.monotonic()))
        self._woken.clear()
        if self._has_work():
            return
        try:
            async with asyncio.timeout(wait):
                await self._woken.wait()
        except TimeoutError:
            return

    def _has_work(self) -> bool:
        at = self.at
        if at.stopped is not None:
            return at.look
        return bool(at.look or at.retries or at.queue.is_ripe(time.monotonic()))

    async def _sweep(self) -> None:
        """Look at what others may have left: outbox rows, timers, messages to be retried."""
        self.at.look = False
        self._swept = time.monotonic()
        ground, gone = self.ground, self.publisher.acknowledged()
        async with ground.database.transaction() as tx:
            step = ground.step.name
            stands = await rows.look(tx, step, self.part, self.publisher.published)
            if stands is None or stands.epoch != self.lane.epoch:
                raise FencedOff
            ground.clock.saw(stands.now)
            if gone:
                await rows.drop_acknowledged(tx, step, self.part, gone)
            whole = self.at.timers.wants_look(stands.now)
            until = stands.now + (HORIZON if whole else NEAR)
            found = await rows.timers_until(tx, step, self.part, until, 100_000)
            self.at.retries = await to_retry(tx, step, self.part, 50) if stands.retries else []
        self.publisher.deleted(gone)
        entries = [(each.due_at, each.key, each.name) for each in found]
        if whole:
            self.at.timers.load(entries, until)
        for entry in entries:
            self.at.timers.add(entry)
        ground.meters.standing(
            step,
            self.part,
            len(self.at.queue),
            self.publisher.unacknowledged,
            len(self.at.timers),
        )
        if self.at.stopped is not None and stands.stopped is None:
            raise FencedOff  # a person lets it go on: take it again from its positions
        if stands.unsent or self.publisher.behind:
            await self.publisher.catch_up()

    async def _work(self) -> None:
        at, due = self.at, self._due_timers()
        if due or at.retries or at.queue.is_ripe(time.monotonic()):
            await self._working.batch(self.lane, due)
            self.ground.feed.drained(self)

    def _timers_may_fire(self) -> bool:
        taken = self.at.taken
        if taken is None:
            return False
        waited = time.monotonic() - self._taken_at
        return waited > self.ground.settings.timer_catchup_s or has_caught_up(
            taken.positions, self._ends
        )

    def _due_timers(self) -> Due:
        if not self._timers_may_fire():
            return ()
        now = self.ground.clock.about_now()
        due = self.at.timers.pop_due(now, self.ground.step.max_batch)
        return [each for each in due if each not in self.at.failed_timers]
