"""Thousands of leads and every fault there is, in random order, on two instances of each service.

BATON_FAULT_LEADS says how many forms are sent, BATON_FAULT_RATE how many a second.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.support.chaos import Process
from tests.support.five.books import Books
from tests.support.five.town import SERVICES, STEPS, Town

LEADS = int(os.environ.get("BATON_FAULT_LEADS", "3000"))
PER_SECOND = float(os.environ.get("BATON_FAULT_RATE", "12"))
WITHIN_S = 600.0
Fault = Callable[[Town, random.Random], Coroutine[Any, Any, None]]


async def killed(town: Town, rng: random.Random) -> None:
    """Kill -9 of one process, or of both instances of a service, started again later."""
    victims = town.of(rng.choice(SERVICES))
    for each in rng.sample(victims, rng.randint(1, len(victims))):
        each.kill()
    await asyncio.sleep(rng.uniform(0, 2))
    _start_again(victims)


async def restarted(town: Town, rng: random.Random) -> None:
    """SIGTERM of one process."""
    process = rng.choice(town.processes)
    await asyncio.to_thread(process.terminate)
    process.start()


async def frozen(town: Town, rng: random.Random) -> None:
    """SIGSTOP until the other instance has taken every lane, then SIGCONT."""
    service = rng.choice(list(STEPS))
    zombie, other = rng.sample(town.of(service), 2)
    await town.ready()
    zombie.freeze()
    await town.owned(service, by=other)
    zombie.thaw()


async def without_kafka(town: Town, rng: random.Random) -> None:
    """Kill -9 of the broker."""
    town.servers.kill_kafka()
    await asyncio.sleep(rng.uniform(0, 3))
    await asyncio.to_thread(town.servers.start_kafka)


async def without_postgres(town: Town, rng: random.Random) -> None:
    """Kill -9 of PostgreSQL."""
    town.servers.kill_postgres()
    await asyncio.sleep(rng.uniform(0, 3))
    await asyncio.to_thread(town.servers.start_postgres)


def _start_again(processes: list[Process]) -> None:
    for each in processes:
        if not each.alive:
            each.start()


FAULTS: dict[Fault, int] = {
    killed: 10,
    restarted: 3,
    frozen: 3,
    without_kafka: 1,
    without_postgres: 2,
}
"""With how often each comes, against the others."""


@pytest.mark.long
@pytest.mark.timeout(1_800)
async def test_thousands_of_leads_and_every_fault(
    pairs: Town, books: Books, rng: random.Random
) -> None:
    sender = books.begin(rng, PER_SECOND)
    sender.start(LEADS)
    sent = asyncio.create_task(sender.sent())
    happened: Counter[str] = Counter()
    while not sent.done():
        (fault,) = rng.choices(list(FAULTS), list(FAULTS.values()))
        happened[fault.__name__] += 1
        going_on = asyncio.create_task(fault(pairs, rng))
        await books.until(going_on.done, f"{fault.__name__} to be over", WITHIN_S)
        await going_on
        wanted = len(books.log.seen) + rng.randint(1, 400)
        await books.until(lambda: sent.done() or len(books.log.seen) >= wanted, "records", WITHIN_S)  # noqa: B023 - asked in this turn only
    await sent
    await pairs.ready()
    verdict = await books.close(WITHIN_S)
    print(f"{dict(happened)}; {books.figures()}; {verdict}")  # noqa: T201 - figures for people
    assert verdict.clean, str(verdict)
