"""Each service killed with -9 in turn, at random moments, while leads arrive."""

import random

from tests.support.five.books import Books
from tests.support.five.town import Town


async def test_each_service_killed_in_turn_at_random_moments(
    five: Town, books: Books, rng: random.Random
) -> None:
    sender = books.begin(rng)
    sender.start()
    for process in rng.sample(five.processes, len(five.processes)):
        await books.more(rng.randint(5, 80))
        process.kill()
        process.start()
    await five.ready()
    await sender.end()
    verdict = await books.close()
    print(f"{books.figures()}; {verdict}")  # noqa: T201 - figures for people
    assert verdict.clean, str(verdict)
