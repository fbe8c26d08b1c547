"""Kafka, PostgreSQL, or both, killed with -9 under load: the five services wait and go on."""

import asyncio
import random

from tests.support.five.advertiser import Advertiser
from tests.support.five.books import Books
from tests.support.five.town import Town

ACCEPTED, REFUSED = "200", "503"


async def under_load(books: Books, rng: random.Random) -> Advertiser:
    """A sender whose leads are already on their way."""
    sender = books.begin(rng, per_second=8)
    sender.start()
    await books.more(rng.randint(30, 90))
    return sender


async def afterwards(books: Books, sender: Advertiser) -> None:
    """A few more leads, then the verdict."""
    await sender.more(ACCEPTED, 5)
    await sender.end()
    verdict = await books.close()
    print(f"{dict(sender.answers)}; {books.figures()}; {verdict}")  # noqa: T201 - figures for people
    assert verdict.clean, str(verdict)


async def test_without_postgres_leads_are_accepted_and_decided_when_it_is_back(
    five: Town, books: Books, rng: random.Random
) -> None:
    sender = await under_load(books, rng)
    five.servers.kill_postgres()
    await sender.more(ACCEPTED, 12)
    assert set(sender.answers) == {ACCEPTED}
    await asyncio.to_thread(five.servers.start_postgres)
    await afterwards(books, sender)
    assert "none" not in sender.answers


async def test_without_kafka_leads_are_spooled_and_without_both_refused_and_none_is_lost(
    five: Town, books: Books, rng: random.Random
) -> None:
    sender = await under_load(books, rng)
    five.servers.kill_kafka()
    await sender.more(ACCEPTED, 12)
    assert set(sender.answers) == {ACCEPTED}
    five.servers.kill_postgres()
    await sender.more(REFUSED, 5)
    back = [five.servers.start_kafka, five.servers.start_postgres]
    for start in rng.sample(back, 2):
        await asyncio.to_thread(start)
        await sender.more(ACCEPTED, 5)
    await afterwards(books, sender)
    assert "none" not in sender.answers
