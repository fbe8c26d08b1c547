"""Progress, retry and breaker: when a loop is stuck, how long it waits, when parking must end."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.lanes.breaker import Breaker
from chassis.lanes.progress import Progress, progress
from chassis.lanes.retry import backoff_s

seconds = st.floats(0, 1e6, allow_nan=False)


@given(lag=st.integers(0, 100), last=seconds, ago=seconds, waits=st.booleans())
def test_a_loop_is_stuck_only_with_work_and_no_reason_to_wait(
    *, lag: int, last: float, ago: float, waits: bool
) -> None:
    state = progress(lag=lag, last_progress=last, now=last + ago, waits=waits, limit_s=30.0)
    if state is Progress.STUCK:
        assert lag > 0
        assert ago > 29.9
        assert not waits
    assert (state is Progress.IDLE) == (lag == 0)


@given(st.integers(0, 10_000), st.floats(0.1, 60), st.floats(0, 1))
def test_a_wait_never_shrinks_and_never_passes_its_cap(
    attempt: int, cap: float, jitter: float
) -> None:
    wait = backoff_s(attempt, cap_s=cap, jitter=jitter)
    assert 0 < wait <= cap * 1.5
    assert backoff_s(attempt + 1, cap_s=cap) >= backoff_s(attempt, cap_s=cap)


@given(st.lists(st.booleans(), max_size=80), st.integers(1, 10))
def test_the_breaker_opens_after_so_many_in_a_row(parked: list[bool], limit: int) -> None:
    breaker, row = Breaker(limit), 0
    for each in parked:
        breaker = breaker.parked() if each else breaker.worked()
        row = row + 1 if each else 0
        assert breaker.is_open == (row >= limit)
