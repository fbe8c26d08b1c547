"""Kafka and PostgreSQL killed with -9 and started again while inputs and commands arrive."""

import asyncio
import random
from collections.abc import Callable

import pytest

from tests.support.chaos import running
from tests.support.ledger import Verdict
from tests.support.rawlog import RawLog
from tests.support.servers import Servers
from tests.support.toys.books import OUTPUTS, Books, Feeder, Presser
from tests.support.toys.sorter import lead_of
from tests.support.toys.town import COUNTER, SORTER, Town


async def through(
    town: Town, rng: random.Random, times: int, kill: Callable[[], None], start: Callable[[], None]
) -> Verdict:
    """Kill and start a server so often, in the midst of everything; return the verdict."""
    sorter, counter = town.add(SORTER), town.add(COUNTER)
    presser = Presser(town, [counter.url], rng)
    async with (
        running(sorter, counter),
        Feeder(town, rng) as feeder,
        RawLog(town.servers.kafka_bootstrap, OUTPUTS, town.topic_prefix) as log,
    ):
        books = Books(town, feeder, log, presser)
        feeding = asyncio.create_task(feeder.feed())
        pressing = [
            asyncio.create_task(presser.press(lead_of(f"identity-{number}"))) for number in range(4)
        ]
        for _ in range(times):
            await log.more(rng.randint(20, 80))
            await asyncio.to_thread(kill)
            await asyncio.to_thread(start)
        await log.more(20)
        feeding.cancel()
        presser.enough.set()
        await asyncio.gather(*pressing)
        return await books.close()


async def test_kafka_killed_and_started_again(own: Servers, town: Town, rng: random.Random) -> None:
    verdict = await through(town, rng, 1, own.kill_kafka, own.start_kafka)
    print(verdict)  # noqa: T201 - figures for people
    assert verdict.clean, str(verdict)


async def test_postgresql_killed_and_started_again(
    own: Servers, town: Town, rng: random.Random
) -> None:
    verdict = await through(town, rng, 2, own.kill_postgres, own.start_postgres)
    print(verdict)  # noqa: T201 - figures for people
    assert verdict.clean, str(verdict)


@pytest.mark.long
async def test_both_killed_over_and_over(own: Servers, town: Town, rng: random.Random) -> None:
    def kill() -> None:
        own.kill_kafka()
        own.kill_postgres()

    def start() -> None:
        own.start_postgres()
        own.start_kafka()

    verdict = await through(town, rng, 8, kill, start)
    assert verdict.clean, str(verdict)
