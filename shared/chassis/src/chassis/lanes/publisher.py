"""Publishing of one lane: only its owner, strictly in order, from memory or from the outbox.

The lane calls it after each commit. An acknowledged row is deleted with the next batch; a failure
breaks the publisher until the producer was made anew and the outbox read again.
"""

import asyncio
from asyncio import Future
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from aiokafka.errors import KafkaError

from chassis.database import Database
from chassis.kafka.sender import Outgoing, Sender
from chassis.lanes import rows
from chassis.lanes.order import first_of, follows_on
from chassis.lanes.records import OutboxRow
from chassis.lanes.retry import backoff_s

log = structlog.get_logger()

_PAGE = 1_000
_MOST_IN_FLIGHT = 5_000


@dataclass(slots=True)
class _Sent:
    seq: int
    done: bool = False


@dataclass(slots=True)
class _Target:
    """What was sent to one partition and is not acknowledged yet, in order."""

    sent: deque[_Sent] = field(default_factory=deque)

    def acknowledged(self) -> int | None:
        """Drop the unbroken run of acknowledged rows and return its last number."""
        last = None
        while self.sent and self.sent[0].done:
            last = self.sent.popleft().seq
        return last


class Publisher:
    """Sends one lane's outbox while its owner holds it."""

    def __init__(
        self, sender: Sender, database: Database, step: str, part: int, wake: Callable[[], None]
    ) -> None:
        """Begin knowing nothing; ``begin`` reads where the lane stands."""
        self._sender = sender
        self._database = database
        self._step = step
        self._part = part
        self._wake = wake
        self._targets: dict[str, _Target] = {}
        self._acknowledged: dict[str, int] = {}
        self._generation = 0
        self._in_flight = 0
        self._mended = 0
        self.published: dict[str, int] = {}
        self.broken = False
        self.retired = False
        self.behind = False
        """Whether the outbox holds rows that were not sent yet."""

    async def begin(self) -> None:
        """Send all that stands in the outbox, in order, and know from then on what comes next."""
        self._targets = {}
        self._acknowledged = {}
        self._in_flight = 0
        self.broken = False
        self._generation = self._sender.generation
        async with self._database.transaction() as tx:
            # In this order: a command that commits between the two is then found in the outbox.
            numbers = await rows.numbers(tx, self._step, self._part, [])
            oldest = await rows.oldest_unsent(tx, self._step, self._part)
        self.published = {target: seq - 1 for target, seq in numbers.next_seq.items()}
        self.published |= {target: seq - 1 for target, seq in oldest.items()}
        if oldest:
            await self.catch_up()

    async def publish(self, batch: Sequence[OutboxRow]) -> None:
        """Send a batch that was just committed, or first what stands before it."""
        if self.retired or self.broken or not batch:
            return
        first = first_of([(row.target, row.seq) for row in batch])
        if self.behind or not follows_on(self.published, first):
            await self.catch_up()
        else:
            await self._send(batch)

    async def catch_up(self) -> None:
        """Send what the outbox holds beyond what was sent, as far as there is room in flight."""
        self.behind = True
        while not self.retired and not self.broken:
            if self._in_flight >= _MOST_IN_FLIGHT:
                return
            async with self._database.transaction() as tx:
                page = await rows.unsent_after(tx, self._step, self._part, self.published, _PAGE)
            await self._send(page)
            if len(page) < _PAGE:
                self.behind = self.broken
                return

    async def _send(self, batch: Sequence[OutboxRow]) -> None:
        for row in batch:
            if self.retired or self.broken:
                self.behind = True
                return
            record = Outgoing(row.topic, row.partition, row.key.encode(), row.value, row.headers)
            try:
                future = await self._sender.send(record)
            except (KafkaError, TimeoutError, OSError) as error:
                self._break(error)
                return
            sent = _Sent(row.seq)
            self._targets.setdefault(row.target, _Target()).sent.append(sent)
            self.published[row.target] = row.seq
            self._in_flight += 1
            future.add_done_callback(self._ended(row.target, sent, self._targets))

    def _ended(
        self, target: str, sent: _Sent, era: dict[str, _Target]
    ) -> Callable[["Future[object]"], None]:
        def ended(future: "Future[object]") -> None:
            if era is not self._targets:
                if not future.cancelled():
                    future.exception()  # of an earlier producer: the outbox was read again
                return
            self._in_flight -= 1
            error = None if future.cancelled() else future.exception()
            if future.cancelled() or error is not None:
                self._break(error)
                return
            sent.done = True
            self._mended = 0
            if (last := era[target].acknowledged()) is not None:
                self._acknowledged[target] = last
            if self.behind and self._in_flight < _MOST_IN_FLIGHT // 2:
                self._wake()

        return ended

    def _break(self, error: BaseException | None) -> None:
        if not self.broken:
            log.warning(
                "publish.failed", step=self._step, lane=self._part, error=type(error).__name__
            )
        self.broken = True
        self._wake()

    async def mend(self) -> None:
        """Have the producer made anew and publish again from the outbox.

        Waits longer each time until Kafka takes something: what it refuses for good (too large
        for its topic) must not have the producer of all lanes made anew without end.
        """
        self._mended += 1
        await asyncio.sleep(backoff_s(self._mended, cap_s=5.0))
        await self._sender.renew(self._generation)
        await self.begin()

    @property
    def is_current(self) -> bool:
        """Whether the producer is still the one this publisher began with."""
        return self._generation == self._sender.generation

    @property
    def unacknowledged(self) -> int:
        """How many rows are on their way."""
        return self._in_flight

    def acknowledged(self) -> Mapping[str, int]:
        """Return the last acknowledged number of each target, to be deleted up to it."""
        return dict(self._acknowledged)

    def deleted(self, up_to: Mapping[str, int]) -> None:
        """Forget acknowledgements whose rows are deleted by now."""
        for target, seq in up_to.items():
            if self._acknowledged.get(target) == seq:
                del self._acknowledged[target]

    def retire(self) -> None:
        """Never send again: the lane is another's."""
        self.retired = True
