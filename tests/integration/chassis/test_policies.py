"""Policies: published once, in force from their instant on, found again by verification."""

from datetime import UTC, datetime
from pathlib import Path

import orjson

from chassis.http.operations import VerifyState
from chassis.policies.files import publish_file
from chassis.runtime import Runtime
from contracts.topics import POLICIES, PRIVACY
from tests.support.ledger import sift
from tests.support.rawlog import RawLog
from tests.support.toys.inside import WHO, eventually, facts_of, lead_in, serving, write
from tests.support.toys.town import COUNTER, Town
from tests.support.toys.weigher import FILE, SERVICE, SOURCE

ANN = lead_in(1)
START = datetime(2030, 1, 1, 9, tzinfo=UTC)


def say(folder: Path, points: int) -> None:
    (folder / FILE).write_text(f'{{"points": {points}}}')


async def weigh(town: Town, log: RawLog, number: int) -> list[int]:
    """Write one more event; return all points said once there are so many."""
    await write(town, facts_of(ANN))

    def said() -> list[int]:
        taken = [each for each in sift(log.seen).taken if each.topic == PRIVACY.name]
        return [orjson.loads(each.value)["rows"] for each in taken]

    await log.until(lambda: len(said()) >= number, "points")
    return said()


async def until_still(runtime: Runtime) -> None:
    async def still() -> bool:
        told = await runtime.probes.still(None)
        return told.lag == 0 and told.outbox == 0

    await eventually(still, "stillness")


async def test_a_version_takes_force_at_its_instant_and_not_before(town: Town) -> None:
    await town.servers.start_clock(town.prefix, START)
    say(town.folder, 3)
    topics = [PRIVACY.name, POLICIES.name]
    log = RawLog(town.servers.kafka_bootstrap, topics, town.topic_prefix)
    config = town.folder
    async with serving(town, SERVICE, clock="simulated", config=config) as runtime, log:
        assert await weigh(town, log, 1) == [3]
        assert await publish_file(runtime, SOURCE, author="test") is None
        say(town.folder, 5)
        published = await publish_file(runtime, SOURCE, author="test")
        assert published is not None
        assert published.active_from > START
        assert await weigh(town, log, 2) == [3, 3]
        await until_still(runtime)
        await runtime.operator.move_clock(published.active_from, WHO)
        assert await weigh(town, log, 3) == [3, 3, 5]
        job = (await runtime.operator.verify(WHO)).id

        async def equal() -> bool:
            return (await runtime.operator.verification(job)).state is VerifyState.EQUAL

        await eventually(equal, "every decision to come out under its own version")
    policies = [each for each in sift(log.seen).taken if each.topic == POLICIES.name]
    assert len(policies) == 2
    rows = await town.ask(COUNTER, "SELECT policy FROM history ORDER BY decision_no")
    assert [row["policy"] == rows[0]["policy"] for row in rows] == [True, True, False]


async def test_two_instances_that_start_together_publish_a_file_once(town: Town) -> None:
    say(town.folder, 4)
    log = RawLog(town.servers.kafka_bootstrap, [POLICIES.name], town.topic_prefix)
    async with (
        serving(town, SERVICE, config=town.folder),
        serving(town, SERVICE, instance="inside-1", config=town.folder),
        log,
    ):
        await log.until(lambda: bool(log.seen), "the policy")
        await log.to_the_end()
    assert len({each.id for each in log.seen}) == 1
