"""The heap of a lane's next timers: nothing within the horizon is missed, nothing fires early."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from chassis.lanes.timers import HORIZON, Timers
from tests.unit.chassis.lanes.examples import NOW

seconds = st.integers(0, int(HORIZON.total_seconds()) * 2)
entries = st.lists(st.tuples(seconds, st.sampled_from("abcd"), st.sampled_from("xy")), max_size=20)


@given(entries, entries, st.integers(0, 600), st.integers(1, 30))
def test_what_is_due_comes_out_earliest_first_and_all_of_it(
    loaded: list[tuple[int, str, str]],
    added: list[tuple[int, str, str]],
    after: int,
    limit: int,
) -> None:
    until = NOW + HORIZON
    timers = Timers()
    held = [(NOW + timedelta(seconds=at), key, name) for at, key, name in loaded]
    timers.load([each for each in held if each[0] <= until], until)
    for at, key, name in added:
        timers.add((NOW + timedelta(seconds=at), key, name))
        held.append((NOW + timedelta(seconds=at), key, name))
    now = NOW + timedelta(seconds=after)
    out: list[tuple[str, str]] = []
    while got := timers.pop_due(now, limit):
        assert len(got) <= limit
        out += got
    assert out == [(key, name) for due, key, name in sorted(set(held)) if due <= now]
    following = timers.next_due()
    assert following is not None
    assert following > now or following == until


def test_it_wants_a_look_before_the_horizon_is_reached() -> None:
    timers = Timers()
    assert timers.wants_look(NOW)
    timers.load([], NOW + HORIZON)
    assert not timers.wants_look(NOW)
    assert timers.wants_look(NOW + HORIZON * 0.6)
    assert timers.next_due() == NOW + HORIZON
