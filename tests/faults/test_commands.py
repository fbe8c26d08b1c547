"""Commands decided by one instance while another owns the lane, both killed in between."""

import asyncio
import random
from uuid import UUID

from chassis.kafka.lane_of import lane_of
from tests.support.chaos import Process, running
from tests.support.rawlog import RawLog
from tests.support.toys.books import OUTPUTS, Books, Feeder, Presser
from tests.support.toys.sorter import lead_of
from tests.support.toys.town import COUNTER, LANES, Town

LEADS = [lead_of(f"identity-{number}") for number in range(20)]


async def owned_by(town: Town, owner: Process) -> list[UUID]:
    """The leads whose lanes one instance owns."""
    rows = await town.ask(COUNTER, "SELECT part FROM lane WHERE owner = $1", owner.name)
    lanes = {row["part"] for row in rows}
    return [lead for lead in LEADS if lane_of(str(lead), LANES) in lanes]


async def test_commands_at_one_instance_while_another_owns_the_lane(
    town: Town, rng: random.Random
) -> None:
    owner, other = town.add(COUNTER), town.add(COUNTER)
    presser = Presser(town, [other.url], rng)
    async with (
        running(owner, other),
        Feeder(town, rng) as feeder,
        RawLog(town.servers.kafka_bootstrap, OUTPUTS, town.topic_prefix) as log,
    ):
        books = Books(town, feeder, log, presser, hears=False)
        leads = (await owned_by(town, owner))[:6]
        pressing = [asyncio.create_task(presser.press(lead)) for lead in leads]
        for victim in (owner, other, owner):
            await log.more(rng.randint(5, 20))
            victim.kill()
            victim.start()
        for each in (owner, other):
            await each.ready()
        presser.enough.set()
        await asyncio.gather(*pressing)
        verdict = await books.close()
    print(f"{town.faults} faults, {presser.tries} tries; {verdict}")  # noqa: T201 - figures for people
    assert presser.tries > len(presser.asked)
    assert verdict.clean, str(verdict)


async def test_the_ledger_finds_an_instance_that_publishes_its_own_commands(
    town: Town, rng: random.Random
) -> None:
    owner = town.add(COUNTER)
    other = town.add(COUNTER, TOY_MUTANT="publish-own-commands")
    presser = Presser(town, [owner.url, other.url], rng)
    async with (
        running(owner, other),
        Feeder(town, rng) as feeder,
        RawLog(town.servers.kafka_bootstrap, OUTPUTS, town.topic_prefix) as log,
    ):
        books = Books(town, feeder, log, presser, hears=False)
        leads = await owned_by(town, owner)
        await asyncio.gather(*(presser.press(lead, 12) for lead in leads))
        await log.until(books.all_answered, "an answer to every command")
        await log.to_the_end()
        verdict = books.judge()
    assert verdict.gaps, str(verdict)
