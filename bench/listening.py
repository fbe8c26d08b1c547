"""The bench's own consumer: raw aiokafka, every partition of a side's topics, from their ends.

Each round opens one. It takes the instant of arrival and the ids out of the headers, no more.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.figures import Arrival

POLL_MS = 200
ANY = ""
"""The type of a topic whose records all count."""


class Ear:
    """What was heard so far. `types` names for each topic the CloudEvents type that counts."""

    def __init__(self, types: Mapping[str, str]) -> None:
        self._types = types
        self.arrivals: list[Arrival] = []
        self.counts: Counter[str] = Counter()

    def take(self, records: Sequence[Any], at: int) -> None:
        for record in records:
            named = dict(record.headers)
            wanted = self._types[record.topic]
            if wanted not in (ANY, named.get("ce_type", b"").decode()):
                continue
            size = len(record.value) + sum(len(name) + len(raw) for name, raw in record.headers)
            self.arrivals.append(
                Arrival(
                    record.topic,
                    named["ce_id"].decode(),
                    _cause(record.value, named),
                    at,
                    size,
                )
            )
            self.counts[record.topic] += 1

    async def hear(self, topic: str, count: int, within_s: float) -> bool:
        """Wait until a topic has brought so many; False when the time is over first."""
        deadline = time.monotonic() + within_s
        while self.counts[topic] < count:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True


def _cause(value: bytes, named: Mapping[str, bytes]) -> str:
    """Return the id of the event before; of the first on its way, the id that the answer gave."""
    if (cause := named.get("ce_causationid")) is not None:
        return cause.decode()
    if value.startswith(b"{"):
        return str(orjson.loads(value)["touch_id"])
    return named["ce_id"].decode()


@asynccontextmanager
async def listening(bootstrap: str, types: Mapping[str, str], lanes: int) -> AsyncIterator[Ear]:
    """Listen from the topics' present ends on; each has `lanes` partitions."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, fetch_max_wait_ms=500
    )
    await consumer.start()
    ear = Ear(types)
    try:
        places = [TopicPartition(topic, part) for topic in types for part in range(lanes)]
        consumer.assign(places)
        await consumer.seek_to_end(*places)
        for place in places:
            await consumer.position(place)
        task = asyncio.create_task(_listen(consumer, ear))
        try:
            yield ear
        finally:
            task.cancel()
    finally:
        await consumer.stop()


async def _listen(consumer: AIOKafkaConsumer, ear: Ear) -> None:
    while True:
        found = await consumer.getmany(timeout_ms=POLL_MS)
        at = time.monotonic_ns()
        for records in found.values():
            ear.take(records, at)
