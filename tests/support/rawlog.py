"""Output topics read raw, from their beginning, by nothing of chassis."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from tests.support.ledger import Seen


class RawLog:
    """Follows topics from their beginning; ``seen`` holds every record in order of partition."""

    def __init__(
        self,
        bootstrap: str,
        topics: Sequence[str],
        prefix: str = "",
        keep: Callable[[Seen], bool] = lambda _: True,
    ) -> None:
        """``topics`` stand without ``prefix``, and so do the records' topics.

        ``keep`` leaves out what the test itself wrote into them.
        """
        self._keep = keep
        self._bootstrap = bootstrap
        self._topics = [prefix + topic for topic in topics]
        self._prefix = prefix
        self._consumer: AIOKafkaConsumer | None = None
        self.seen: list[Seen] = []

    async def __aenter__(self) -> Self:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=100,
            metadata_max_age_ms=5_000,
        )
        await consumer.start()
        self._consumer = consumer
        consumer.assign(
            [
                TopicPartition(topic, partition)
                for topic in self._topics
                for partition in await self._partitions(topic)
            ]
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._consumer is not None:
            await self._consumer.stop()

    async def _partitions(self, topic: str) -> list[int]:
        assert self._consumer is not None
        while not (found := self._consumer.partitions_for_topic(topic)):
            await self._consumer._client.force_metadata_update()
        return sorted(found)

    async def poll(self) -> None:
        """Take in what has come; waits for it a moment at most."""
        assert self._consumer is not None
        try:
            found = await self._consumer.getmany(timeout_ms=100)
        except KafkaError:
            await asyncio.sleep(0.1)  # the broker is away: this reader only waits for it
            return
        for records in found.values():
            self.seen += filter(self._keep, map(self._seen, records))

    async def until(self, done: Callable[[], bool], what: str, within_s: float = 60.0) -> None:
        """Follow until the condition holds; an AssertionError names what did not come."""
        deadline = time.monotonic() + within_s
        while not done():
            assert time.monotonic() < deadline, f"waited {within_s} s for {what}"
            await self.poll()

    async def more(self, number: int, within_s: float = 60.0) -> None:
        """Follow until so many further records have come."""
        wanted = len(self.seen) + number
        await self.until(lambda: len(self.seen) >= wanted, f"{number} further records", within_s)

    async def to_the_end(self) -> None:
        """Follow until nothing is left in the log as it stands now."""
        consumer = self._consumer
        assert consumer is not None
        ends = await consumer.end_offsets(sorted(consumer.assignment()))
        while [place for place, end in ends.items() if await consumer.position(place) < end]:
            await self.poll()

    async def ends(self) -> Mapping[str, int]:
        """Where each partition of the topics followed ends now."""
        assert self._consumer is not None
        ends = await self._consumer.end_offsets(sorted(self._consumer.assignment()))
        return {f"{place.topic}:{place.partition}": end for place, end in ends.items()}

    def _seen(self, each: Any) -> Seen:  # noqa: ANN401 - aiokafka has no types
        return Seen(
            each.topic.removeprefix(self._prefix),
            each.partition,
            each.offset,
            (each.key or b"").decode(),
            each.value or b"",
            {name: raw or b"" for name, raw in each.headers},
        )
