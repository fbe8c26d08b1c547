"""A crash between commit and publish, and between publish and Kafka's answer.

A proxy before the broker's second listener loses what producers send, or what they are answered.
"""

import random

import pytest

from contracts.topics import LEADS_TOUCHES
from tests.support.chaos import running
from tests.support.ledger import Verdict
from tests.support.proxy import Proxy, proxy
from tests.support.rawlog import RawLog
from tests.support.toys.books import OUTPUTS, Books, Feeder, still
from tests.support.toys.town import COUNTER, SORTER, Town

NUMBER = 60
CRASHES = 3
"""A mutant shows itself at some crash, not at every one."""


async def crash(town: Town, rng: random.Random, *, answers_only: bool, **counter: str) -> Verdict:
    """Cut, wait until all is committed, kill -9, heal, start again; return the verdict."""
    servers = town.servers
    port = int(str(servers.advertised).rpartition(":")[2])
    sorter = town.add(SORTER, servers.kafka_proxied)
    hearing = town.add(COUNTER, **counter)
    async with (
        proxy(port, servers.ports["kafka-proxied"]) as between,
        running(sorter, hearing),
        Feeder(town, rng) as feeder,
        RawLog(servers.kafka_bootstrap, OUTPUTS, town.topic_prefix) as log,
    ):
        books = Books(town, feeder, log)
        await feeder.send(NUMBER)
        await feeder.settle()
        await log.until(books.all_answered, "answers before the cut")
        await still(town)
        await _cut_and_kill(town, feeder, log, between, answers_only=answers_only)
        await sorter.ready()
        return await books.close()


async def _cut_and_kill(
    town: Town, feeder: Feeder, log: RawLog, between: Proxy, *, answers_only: bool
) -> None:
    (sorter,) = town.of(SORTER)
    before = _touches(log)
    between.cut(answers_only=answers_only)
    await feeder.send(NUMBER)
    await feeder.settle()
    while await _decided(town) < 2 * NUMBER:
        await log.poll()
    if answers_only:
        await log.until(lambda: _touches(log) > before, "records without an answer")
    else:
        assert _touches(log) == before
    (outbox,) = await town.ask(SORTER, "SELECT count(*) FROM outbox")
    assert outbox[0] == NUMBER
    sorter.kill()
    between.heal()
    sorter.start()


def _touches(log: RawLog) -> int:
    return sum(each.topic == LEADS_TOUCHES.name for each in log.seen)


async def _decided(town: Town) -> int:
    (row,) = await town.ask(SORTER, "SELECT count(*) FROM history")
    return int(row[0])


async def test_what_was_committed_and_never_sent_is_sent_after_a_crash(
    town: Town, rng: random.Random
) -> None:
    verdict = await crash(town, rng, answers_only=False)
    print(verdict)  # noqa: T201 - figures for people
    assert verdict.clean, str(verdict)


async def test_what_was_sent_without_an_answer_is_sent_again_and_filtered(
    town: Town, rng: random.Random
) -> None:
    verdict = await crash(town, rng, answers_only=True)
    print(verdict)  # noqa: T201 - figures for people
    assert verdict.raw_doubles > 0
    assert verdict.clean, str(verdict)


async def test_the_ledger_finds_a_reader_without_marks(town: Town, rng: random.Random) -> None:
    verdict = await crash(town, rng, answers_only=True, TOY_MUTANT="no-marks")
    assert verdict.doubled, str(verdict)


async def test_the_ledger_finds_a_toy_that_publishes_before_it_commits(
    town: Town, rng: random.Random
) -> None:
    trap = town.folder / "die"
    sorter = town.add(SORTER, TOY_MUTANT="publish-before-commit", TOY_DIE=str(trap))
    async with (
        running(sorter),
        Feeder(town, rng) as feeder,
        RawLog(town.servers.kafka_bootstrap, OUTPUTS, town.topic_prefix) as log,
    ):
        books = Books(town, feeder, log, hears=False)
        for _ in range(CRASHES):
            trap.touch()
            await feeder.send(NUMBER)
            await log.until(lambda: not sorter.alive, "the toy to die in between")
            sorter.start()
            await feeder.settle()
            await log.until(books.all_answered, "an answer to every input")
            await log.to_the_end()
            verdict = books.judge()
            if verdict.different:
                break
    assert verdict.different, f"{verdict}\n{sorter.tail()}\n{await town.standing()}"


@pytest.mark.long
@pytest.mark.parametrize("time", range(5))
@pytest.mark.parametrize("answers_only", [False, True])
async def test_crashes_around_publishing_over_and_over(
    town: Town, rng: random.Random, *, answers_only: bool, time: int
) -> None:
    verdict = await crash(town, rng, answers_only=answers_only)
    assert verdict.clean, f"{time}: {verdict}"
