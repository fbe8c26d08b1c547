"""Toys killed with -9 in turn at random moments while inputs and commands arrive."""

import asyncio
import random

import pytest

from tests.support.rawlog import RawLog
from tests.support.toys.books import OUTPUTS, Books, Feeder, Presser
from tests.support.toys.sorter import lead_of
from tests.support.toys.town import COUNTER, SORTER, Town


@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=pytest.mark.long)])
async def test_each_toy_killed_in_turn_at_random_moments(
    town: Town, rng: random.Random, rounds: int
) -> None:
    processes = [town.add(SORTER), town.add(COUNTER), town.add(COUNTER)]
    for each in processes:
        each.start()
    for each in processes:
        await each.ready()
    presser = Presser(town, [each.url for each in town.of(COUNTER)], rng)
    async with (
        Feeder(town, rng) as feeder,
        RawLog(town.servers.kafka_bootstrap, OUTPUTS, town.topic_prefix) as log,
    ):
        books = Books(town, feeder, log, presser)
        feeding = asyncio.create_task(feeder.feed())
        pressing = [
            asyncio.create_task(presser.press(lead_of(f"identity-{number}"))) for number in range(6)
        ]
        for each in processes * rounds:
            await log.more(rng.randint(5, 60))
            each.kill()
            each.start()
        for each in processes:
            await each.ready()
        feeding.cancel()
        presser.enough.set()
        await asyncio.gather(*pressing)
        verdict = await books.close()
    print(f"{town.faults} faults, {presser.tries} tries of {len(presser.asked)} presses; {verdict}")  # noqa: T201 - figures for people
    assert verdict.clean, str(verdict)
