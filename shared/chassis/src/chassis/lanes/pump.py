"""The consumers of one step in this process: they drain Kafka into bounded queues, a lane each.

One group consumer for all topics cut in lanes, and one without a group for the topics of one
partition, which every lane reads at its own position. Decides nothing, commits nothing.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import (
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)

from chassis.kafka.assignor import LaneAssignor
from chassis.kafka.connection import connection_arguments
from chassis.kafka.leaving import close, leave
from chassis.lanes.lane import LaneRunner
from chassis.lanes.records import Record
from chassis.lanes.retry import backoff_s
from chassis.lanes.step import Step
from chassis.lanes.taking import Log, Place
from chassis.settings import Settings

log = structlog.get_logger()

_QUEUE_FULL = 4_000
_QUEUE_LOW = 1_000
_POLL_MS = 500
_HEARTBEAT_MS = 1_000
"""At most: by a heartbeat a member hears that lanes are dealt anew, and the others wait for it."""
_GATHERED_BYTES = 262_144
"""What Kafka gathers at most for a step that has patience with all its topics."""


class LanePump(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no types
    """Topics cut in lanes: which lanes are ours, and their records."""

    def __init__(
        self, step: Step[Any, Any], settings: Settings, service: str, on_dealt: Callable[[], None]
    ) -> None:
        """Keep what is needed; ``on_dealt`` is told when the group dealt the lanes anew."""
        self._settings = settings
        self._prefix = settings.topic_prefix
        self._topics = [topic.name for topic in step.topics]
        self._patience_s = step.least_patience_s
        self._group = f"{settings.group_prefix}{service}.{step.name}"
        self._on_dealt = on_dealt
        self._paused: set[int] = set()
        self.consumer: AIOKafkaConsumer | None = None
        self.dealt: frozenset[int] | None = None

    async def start(self) -> None:
        """Join the group."""
        session_ms = int(self._settings.kafka_session_timeout_s * 1000)
        patience_ms = int(self._patience_s * 1000)
        consumer = AIOKafkaConsumer(
            group_id=self._group,
            group_instance_id=self._settings.instance,
            partition_assignment_strategy=(LaneAssignor,),
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_min_bytes=_GATHERED_BYTES if patience_ms else 1,
            fetch_max_wait_ms=patience_ms or _POLL_MS,
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=min(session_ms // 6, _HEARTBEAT_MS),
            max_poll_interval_ms=300_000,
            rebalance_timeout_ms=max(session_ms, 6_000),
            **connection_arguments(self._settings),
        )
        consumer.subscribe([self._prefix + name for name in self._topics], listener=self)
        self.consumer = consumer  # the group may deal before ``start`` has returned
        try:
            await consumer.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Leave the group within a deadline, so that the others have its lanes at once."""
        consumer, self.consumer = self.consumer, None
        if consumer is not None:
            await leave(consumer)

    def on_partitions_revoked(self, revoked: object) -> None:
        """Do nothing: the fence decides."""

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Hold every partition until its lane was taken. Synchronous, as the fetcher needs it."""
        consumer = self.consumer
        places = list(assigned)
        if consumer is not None and places:
            consumer.pause(*places)
            for place in places:
                consumer.seek(place, 0)
        self._paused.clear()
        self.dealt = frozenset(place.partition for place in places)
        self._on_dealt()

    async def logs(self, parts: Iterable[int]) -> dict[Place, Log]:
        """Ask Kafka where these lanes' partitions begin and end."""
        places = [place for part in parts for place in self._places(part)]
        return await _logs(self._consumer(), self._prefix, places)

    def begin(self, runner: LaneRunner) -> None:
        """Seek to the lane's positions and let the records come."""
        assert runner.taken is not None  # noqa: S101 - called by a lane that was just taken
        consumer = self._consumer()
        self._paused.discard(runner.part)
        for place in self._places(runner.part):
            position = runner.taken.positions.get((place.topic[len(self._prefix) :], runner.part))
            if position is not None:
                consumer.seek(place, position.next_off)
                consumer.resume(place)

    def drained(self, runner: LaneRunner) -> None:
        """Let records come again once the queue is short."""
        if runner.part in self._paused and len(runner.queue) < _QUEUE_LOW:
            self._paused.discard(runner.part)
            with contextlib.suppress(IllegalStateError):
                self._consumer().resume(*self._places(runner.part))

    async def poll(self, held: Callable[[], Mapping[int, LaneRunner]]) -> None:
        """Move what has come into the lanes' queues; wait for it half a second at most.

        ``held`` is asked after the wait: a lane dealt anew meanwhile has begun where it stands, and
        what came for it must not go to the one that was laid down.
        """
        consumer = self._consumer()
        try:
            found = await consumer.getmany(timeout_ms=_POLL_MS)
        except NoOffsetForPartitionError:
            await asyncio.sleep(0.02)  # dealt and not yet held: the callback is about to run
            return
        except OffsetOutOfRangeError as error:
            for place in error.args[0] if error.args else ():
                if (lane := held().get(place.partition)) is not None:
                    lane.begin_anew("the log no longer holds the lane's position")
            return
        lanes = held()
        for place, records in found.items():
            lane = lanes.get(place.partition)
            if lane is not None:
                lane.offer([_record(each, self._prefix) for each in records])
        for part, lane in lanes.items():
            if len(lane.queue) > _QUEUE_FULL and part not in self._paused:
                self._paused.add(part)
                with contextlib.suppress(IllegalStateError):
                    consumer.pause(*self._places(part))

    async def tell_offsets(self, lanes: Mapping[int, LaneRunner]) -> None:
        """Commit the lanes' positions to Kafka, for lag tools; nothing here ever reads them."""
        consumer = self._consumer()
        assigned = consumer.assignment()
        offsets = {
            place: position.next_off
            for lane in lanes.values()
            if lane.taken is not None
            for (topic, part), position in lane.taken.positions.items()
            if (place := TopicPartition(self._prefix + topic, part)) in assigned
        }
        if offsets:
            await consumer.commit(offsets)

    def _places(self, part: int) -> list[TopicPartition]:
        assigned = self._consumer().assignment()
        places = [TopicPartition(self._prefix + name, part) for name in self._topics]
        return [place for place in places if place in assigned]

    def _consumer(self) -> AIOKafkaConsumer:
        if self.consumer is None:
            raise KafkaError("the consumer is not started")
        return self.consumer


class SharedPump:
    """Topics of one partition: every lane gets every record from its own position on."""

    def __init__(self, step: Step[Any, Any], settings: Settings) -> None:
        """Keep what is needed."""
        self._settings = settings
        self._prefix = settings.topic_prefix
        self._places = [
            TopicPartition(settings.topic_prefix + topic.name, 0) for topic in step.shared_topics
        ]
        self._joined: set[LaneRunner] = set()
        self.consumer: AIOKafkaConsumer | None = None

    async def start(self) -> None:
        """Open the consumer, held until a lane joins."""
        if not self._places:
            return
        consumer = AIOKafkaConsumer(
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=_POLL_MS,
            **connection_arguments(self._settings),
        )
        try:
            await consumer.start()
        except BaseException:
            await close(consumer)
            raise
        consumer.assign(self._places)
        consumer.pause(*self._places)
        self.consumer = consumer

    async def stop(self) -> None:
        """Close within a deadline."""
        consumer, self.consumer = self.consumer, None
        if consumer is not None:
            await close(consumer)

    async def logs(self) -> dict[Place, Log]:
        """Ask Kafka where the partitions begin and end."""
        if self.consumer is None:
            return {}
        return await _logs(self.consumer, self._prefix, self._places)

    def begin(self, runner: LaneRunner) -> None:
        """Let a lane hear from its positions on; others drop what they have had."""
        if self.consumer is None:
            return
        self._joined.add(runner)
        for place in self._places:
            self.consumer.seek(place, self._least(place))
            self.consumer.resume(place)

    def leave(self, runner: LaneRunner) -> None:
        """Tell a lane nothing more."""
        self._joined.discard(runner)

    def _least(self, place: TopicPartition) -> int:
        topic = place.topic[len(self._prefix) :]
        return min(
            runner.taken.positions[topic, 0].next_off
            for runner in self._joined
            if runner.taken is not None and (topic, 0) in runner.taken.positions
        )

    async def poll(self) -> None:
        """Hand what has come to every lane that joined."""
        full = any(len(runner.queue) > _QUEUE_FULL for runner in self._joined)
        if self.consumer is None or not self._joined or full:
            await asyncio.sleep(_POLL_MS / 1000)
            return
        found = await self.consumer.getmany(timeout_ms=_POLL_MS)
        for records in found.values():
            told = [_record(each, self._prefix) for each in records]
            for runner in self._joined:
                runner.offer(told)


async def _logs(
    consumer: AIOKafkaConsumer, prefix: str, places: list[TopicPartition]
) -> dict[Place, Log]:
    if not places:
        return {}
    # One after the other each would wait until the fetch under way is answered.
    starts, ends = await asyncio.gather(
        consumer.beginning_offsets(places), consumer.end_offsets(places)
    )
    return {
        (place.topic[len(prefix) :], place.partition): Log(starts[place], ends[place])
        for place in places
    }


def _record(each: Any, prefix: str) -> Record:  # noqa: ANN401 - aiokafka has no types
    return Record(
        topic=each.topic[len(prefix) :],
        partition=each.partition,
        offset=each.offset,
        key=each.key,
        value=each.value,
        headers=[(name, raw or b"") for name, raw in each.headers],  # a null is legal there
    )


async def start_patiently(start: Callable[[], Any], what: str) -> None:
    """Start a client, however long Kafka takes to answer."""
    attempt = 0
    while True:
        try:
            await start()
        except (KafkaError, OSError, TimeoutError) as error:
            attempt += 1
            log.warning("kafka.unreachable", what=what, error=type(error).__name__)
            await asyncio.sleep(backoff_s(attempt, cap_s=2.0))
        else:
            return
