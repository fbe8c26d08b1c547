"""Two owners who take one lane: the later claim holds, and what the earlier one read stays."""

from chassis.database import Database
from chassis.lanes.taking import Log, claim, take
from tests.support.toys.town import SORTER, Town

PLACE = ("marketing.touches", 2)


async def test_a_lane_is_taken_by_its_last_claim_only(town: Town) -> None:
    database = Database(town.settings(SORTER))
    await database.open()
    first = await claim(database, "sort", 2, "one")
    second = await claim(database, "sort", 2, "other")
    logs = {PLACE: Log(0, 7)}
    assert await take(database, "sort", 2, first, logs) is None
    taken = await take(database, "sort", 2, second, logs)
    await database.close()
    assert taken is not None
    assert (taken.epoch, taken.stopped) == (first.epoch + 1, None)
    assert taken.positions[PLACE].next_off == 0


async def test_a_position_beyond_the_log_as_it_is_after_the_claim_stops_the_lane(
    town: Town,
) -> None:
    database = Database(town.settings(SORTER))
    await database.open()
    claimed = await claim(database, "sort", 2, "one")
    await take(database, "sort", 2, claimed, {PLACE: Log(3, 7)})
    again = await claim(database, "sort", 2, "one")
    assert again.stopped is None
    taken = await take(database, "sort", 2, again, {PLACE: Log(0, 2)})
    third = await claim(database, "sort", 2, "one")
    await database.close()
    assert taken is not None
    assert "Kafka is older than the database" in str(taken.stopped)
    assert third.stopped == taken.stopped
