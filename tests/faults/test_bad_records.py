"""Poison and records too large for their topic: lanes go on, and nothing else is lost for it."""

import random

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from contracts.topics import LEADS_TOUCHES, MARKETING_TOUCHES, PARKED
from tests.support.chaos import running
from tests.support.ledger import Seen
from tests.support.rawlog import RawLog
from tests.support.toys.books import OUTPUTS, Books, Feeder
from tests.support.toys.town import COUNTER, LANES, SORTER, Town

POISON: tuple[tuple[bytes | None, list[tuple[str, bytes | None]]], ...] = (
    (b"{", [("ce_type", b"baton.facts.recorded.v1")]),
    (None, []),
    (b"{}", [("ce_type", b"\x00\xff"), ("ce_id", b"")]),
    (b"[]", [("ce_type", b"x" * 5_000)]),
    (b"{}", [("ce_producer", b"a@b"), ("ce_lane", b"9" * 30), ("ce_seq", b"1")]),
    (b"{}", [("ce_type", None)]),
)


async def poison(town: Town, topic: str) -> int:
    """Write every kind of poison into every lane; returns how much."""
    async with AIOKafkaProducer(bootstrap_servers=town.servers.kafka_bootstrap) as producer:
        for lane in range(LANES):
            for value, headers in POISON:
                await producer.send_and_wait(
                    town.topic_prefix + topic, value, b"key", lane, headers=headers
                )
    return LANES * len(POISON)


async def test_poison_is_parked_and_told_and_the_lanes_go_on(
    town: Town, rng: random.Random
) -> None:
    sorter, counter = town.add(SORTER), town.add(COUNTER)
    told = RawLog(
        town.servers.kafka_bootstrap,
        [PARKED[SORTER].name, PARKED[COUNTER].name],
        town.topic_prefix,
    )
    async with (
        running(sorter, counter),
        Feeder(town, rng) as feeder,
        RawLog(town.servers.kafka_bootstrap, OUTPUTS, town.topic_prefix, _is_ours) as log,
        told,
    ):
        books = Books(town, feeder, log)
        await feeder.send(20)
        await feeder.settle()
        number = await poison(town, MARKETING_TOUCHES.name)
        number += await poison(town, LEADS_TOUCHES.name)
        await feeder.send(20)
        sorter.kill()
        sorter.start()
        await sorter.ready()
        await told.until(lambda: len({each.id for each in told.seen}) >= number, "all to be told")
        verdict = await books.close()
    assert len({each.id for each in told.seen}) == number
    assert verdict.clean, str(verdict)


def _is_ours(record: Seen) -> bool:
    return "ce_source" in record.headers


async def _allow(town: Town, topic: str, most_bytes: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=town.servers.kafka_bootstrap)
    await admin.start()
    try:
        name = town.topic_prefix + topic
        wanted = {"max.message.bytes": str(most_bytes), "message.timestamp.type": "LogAppendTime"}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, wanted)])
    finally:
        await admin.close()


async def test_what_its_topic_refused_is_sent_once_the_topic_takes_it(
    town: Town, rng: random.Random
) -> None:
    sorter = town.add(SORTER)
    async with (
        running(sorter),
        Feeder(town, rng) as feeder,
        RawLog(town.servers.kafka_bootstrap, OUTPUTS, town.topic_prefix) as log,
    ):
        books = Books(town, feeder, log, hears=False)
        await feeder.send(20)
        await feeder.settle()
        await log.until(books.all_answered, "answers before")
        await _allow(town, LEADS_TOUCHES.name, 100)
        await feeder.send(40)
        await feeder.settle()
        await log.until(lambda: "publish.failed" in sorter.log.read_text(), "a refusal")
        await _allow(town, LEADS_TOUCHES.name, LEADS_TOUCHES.max_bytes)
        verdict = await books.close()
    print(verdict)  # noqa: T201 - figures for people
    assert verdict.clean, str(verdict)
