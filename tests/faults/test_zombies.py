"""A process that is frozen past its session, loses its lanes, and wakes up as if nothing were."""

import asyncio
import random
from collections.abc import Callable

import pytest

from tests.support.chaos import Process, running
from tests.support.ledger import Verdict
from tests.support.rawlog import RawLog
from tests.support.toys.books import OUTPUTS, Books, Feeder
from tests.support.toys.town import LANES, SORTER, Town


async def owned(town: Town, by: Process) -> None:
    """Wait until one instance has taken every lane of the sorter."""
    owners: list[str] = []
    try:
        async with asyncio.timeout(60):
            while owners != [by.name] * LANES:
                owners = [row["owner"] for row in await town.ask(SORTER, "SELECT owner FROM lane")]
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"owners are {owners}\n{await town.standing()}") from None


async def frozen_between_fetch_and_transaction(
    town: Town, rng: random.Random, **variables: str
) -> Verdict:
    """Freeze the first sorter with records in hand until the second has decided on them."""
    trap = town.folder / "freeze"
    first = town.add(SORTER, TOY_FREEZE=str(trap), **variables)
    second = town.add(SORTER)
    async with (
        running(first, second),
        Feeder(town, rng) as feeder,
        RawLog(town.servers.kafka_bootstrap, OUTPUTS, town.topic_prefix) as log,
    ):
        books = Books(town, feeder, log, hears=False)
        trap.touch()
        await feeder.send(40)
        await feeder.settle()
        await log.until(_is_frozen(first), "the first to stand still")
        await owned(town, by=second)
        await log.until(books.all_answered, "the second to answer")
        first.thaw()
        await feeder.send(40)
        return await books.close()


def _is_frozen(process: Process) -> Callable[[], bool]:
    return lambda: process.frozen


async def test_frozen_between_fetch_and_transaction_it_finds_the_fence(
    town: Town, rng: random.Random
) -> None:
    verdict = await frozen_between_fetch_and_transaction(town, rng)
    print(verdict)  # noqa: T201 - figures for people
    assert verdict.clean, str(verdict)


async def test_the_ledger_finds_a_toy_without_a_fence(town: Town, rng: random.Random) -> None:
    verdict = await frozen_between_fetch_and_transaction(town, rng, TOY_MUTANT="no-fence")
    assert verdict.doubled, str(verdict)


@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=pytest.mark.long)])
async def test_frozen_at_random_moments_while_inputs_arrive(
    town: Town, rng: random.Random, rounds: int
) -> None:
    first, second = town.add(SORTER), town.add(SORTER)
    async with (
        running(first, second),
        Feeder(town, rng) as feeder,
        RawLog(town.servers.kafka_bootstrap, OUTPUTS, town.topic_prefix) as log,
    ):
        books = Books(town, feeder, log, hears=False)
        feeding = asyncio.create_task(feeder.feed())
        for zombie, other in ((first, second), (second, first)) * rounds:
            await log.more(rng.randint(1, 50))
            zombie.freeze()
            await owned(town, by=other)
            await log.more(rng.randint(1, 50))
            zombie.thaw()
        feeding.cancel()
        verdict = await books.close()
    print(verdict)  # noqa: T201 - figures for people
    assert verdict.clean, str(verdict)
