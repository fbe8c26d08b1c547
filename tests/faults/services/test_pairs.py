"""Two instances of each service: a rolling restart of all, and reps' calls to either routing."""

import asyncio
import random
import time

from tests.support.chaos import Process
from tests.support.five.books import Books
from tests.support.five.town import SERVICES, Town


async def roll(town: Town, service: str) -> None:
    """Restart a service's instances one after another."""
    for process in town.of(service):
        await restart(process)


async def restart(process: Process) -> None:
    """SIGTERM, start again, wait until it is ready."""
    await asyncio.to_thread(process.terminate)
    process.start()
    await process.ready()


async def test_a_rolling_restart_of_all_services_under_load(
    pairs: Town, books: Books, rng: random.Random
) -> None:
    sender = books.begin(rng)
    sender.start()
    await books.more(60)
    since = time.monotonic()
    rolling = [asyncio.create_task(roll(pairs, service)) for service in SERVICES]
    await books.until(lambda: all(each.done() for each in rolling), "the restarts", 120)
    await asyncio.gather(*rolling)
    pause_s = books.longest_pause_s(since)
    await sender.end()
    verdict = await books.close()
    print(f"longest pause {pause_s:.1f} s; {books.figures()}; {verdict}")  # noqa: T201 - figures for people
    assert verdict.clean, str(verdict)


async def test_calls_told_to_either_instance_while_they_are_killed_are_told_once(
    pairs: Town, books: Books, rng: random.Random
) -> None:
    sender = books.begin(rng)
    sender.start()
    for _ in range(3):
        await books.more(rng.randint(10, 80))
        process = rng.choice(pairs.of("routing"))
        process.kill()
        process.start()
    await pairs.ready()
    await sender.end()
    verdict = await books.close()
    print(f"{books.figures()}; {verdict}")  # noqa: T201 - figures for people
    assert verdict.clean, str(verdict)
