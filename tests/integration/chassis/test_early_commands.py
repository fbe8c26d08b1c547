"""Commands that come before a process knows which installation it is of."""

import pytest

from chassis.database import Database, Unavailable
from chassis.lanes.commands import Command, CommandDesk
from chassis.policies.versions import PolicyBook
from tests.support.toys.counter import STEP, Press, answer
from tests.support.toys.inside import lead_in
from tests.support.toys.town import COUNTER, Town


async def test_nothing_is_said_before_the_incarnation_is_known(town: Town) -> None:
    database = Database(town.settings(COUNTER))
    await database.open()
    known = ""
    desk = CommandDesk(database, PolicyBook(), town.settings(COUNTER), lambda: known, COUNTER)
    command = Command(Press(lead_id=lead_in(1)), str(lead_in(1)))
    with pytest.raises(Unavailable):
        await desk.run(STEP, command, answer)
    assert await town.ask(COUNTER, "SELECT FROM outbox") == []
    known = "5f2c"
    assert (await desk.run(STEP, command, answer)).status == 200
    await database.close()
    (row,) = await town.ask(COUNTER, "SELECT headers::text AS headers FROM outbox")
    assert f"{COUNTER}.{STEP.name}@5f2c" in row["headers"]
