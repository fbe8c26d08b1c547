"""A position that lies outside its log stops the lane and says which side is younger."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.lanes.taking import Log, Position, outside
from chassis.lanes.timers import has_caught_up

PLACE = ("leads.mql", 1)
offsets = st.integers(0, 20)


@given(offsets, offsets, offsets)
def test_only_a_position_within_its_log_lets_the_lane_run(at: int, start: int, more: int) -> None:
    log = Log(start, start + more)
    why = outside({PLACE: Position(at, started_truncated=False)}, {PLACE: log})
    assert (why is None) == (log.start <= at <= log.end)


def test_it_says_which_side_is_younger() -> None:
    position = {PLACE: Position(8, started_truncated=False)}
    made_anew = outside(position, {PLACE: Log(0, 3)}) or ""
    assert made_anew.startswith("leads.mql, partition 1: ")
    assert "Kafka is older than the database" in made_anew
    deleted = outside(position, {PLACE: Log(9, 30)}) or ""
    assert "deleted before they were read" in deleted
    assert outside(position, {("leads.sql", 1): Log(9, 30)}) is None


@given(st.dictionaries(st.sampled_from("abc"), st.tuples(offsets, offsets)))
def test_a_lane_has_caught_up_once_it_read_what_the_log_held(
    places: dict[str, tuple[int, int]],
) -> None:
    positions = {
        (topic, 0): Position(at, started_truncated=False) for topic, (at, _) in places.items()
    }
    ends = {(topic, 0): end for topic, (_, end) in places.items()}
    assert has_caught_up(positions, ends) == all(at >= end for at, end in places.values())
