"""Commands: decided by any instance, done once, published by the lane's owner."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from chassis.database import Database, Tx
from chassis.lanes.commands import Command, CommandDesk
from contracts.decision import Refused
from contracts.topics import PRIVACY
from tests.support.ledger import sift
from tests.support.rawlog import RawLog
from tests.support.toys.counter import STEP, Press, answer
from tests.support.toys.inside import lead_in, serving
from tests.support.toys.town import COUNTER, LANES, Town


class LosesAnswers(Database):
    """A connection that breaks after COMMIT was done and before its answer came, once."""

    lost = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        async with super().transaction() as tx:
            yield tx
        if not self.lost:
            self.lost = True
            raise ConnectionResetError


async def pressed(town: Town) -> list[int]:
    rows = await town.ask(COUNTER, "SELECT state->>'pressed' AS n FROM tally ORDER BY key")
    return [int(row["n"]) for row in rows]


async def test_two_instances_share_lanes_and_each_publishes_its_own(town: Town) -> None:
    log = RawLog(town.servers.kafka_bootstrap, [PRIVACY.name], town.topic_prefix)
    async with serving(town) as first, serving(town, instance="inside-1") as second, log:
        await log.until(
            lambda: len(first.steps["count"].lanes) == len(second.steps["count"].lanes) == 2,
            "the lanes to be shared",
        )
        owners = [set(each.steps["count"].lanes) for each in (first, second)]
        assert owners[0] | owners[1] == set(range(LANES))
        for lane in range(LANES):
            command = Command(Press(lead_id=lead_in(lane)), str(lead_in(lane)))
            for _ in range(3):
                reply = await first.desk.run(STEP, command, answer)
                assert reply.status == httpx.codes.OK
        await log.until(lambda: len(sift(log.seen).taken) >= 3 * LANES, "what the commands said")
    said = sift(log.seen)
    assert said.gaps == []
    assert sorted(each.header("ce_lane") for each in said.taken) == sorted("0123" * 3)


async def test_an_equal_request_gets_the_stored_reply_and_another_is_refused(town: Town) -> None:
    async with (
        serving(town) as runtime,
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{runtime.port}",
            headers={"Authorization": f"Bearer {town.token}", "Idempotency-Key": "one"},
        ) as http,
    ):
        path = f"/v1/presses/{lead_in(1)}"
        first, again = await http.post(path), await http.post(path)
        assert first.json() == again.json()
        assert again.headers["Idempotency-Replayed"] == "true"
        other = await http.post(path, json={"more": 1})
        assert other.status_code == httpx.codes.CONFLICT
        assert await pressed(town) == [1]


async def test_a_command_whose_commit_went_unanswered_is_not_done_again(town: Town) -> None:
    settings = town.settings(COUNTER)
    database = LosesAnswers(settings)
    await database.open()
    async with serving(town) as runtime:
        desk = CommandDesk(database, runtime.book, settings, lambda: "x", COUNTER)
        reply = await desk.run(STEP, Command(Press(lead_id=lead_in(2)), str(lead_in(2))), answer)
    await database.close()
    assert database.lost
    assert reply.body["pressed"] == 1
    assert await pressed(town) == [1]


async def test_a_refused_command_leaves_nothing(town: Town) -> None:
    async with serving(town) as runtime:
        command = Command(Press(lead_id=lead_in(1), times=0), str(lead_in(1)))
        with pytest.raises(Refused):
            await runtime.desk.run(STEP, command, answer)
        assert await town.ask(COUNTER, "SELECT 1 FROM command UNION ALL SELECT 1 FROM outbox") == []
    assert await pressed(town) == []
