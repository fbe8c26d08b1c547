"""The clock goes on from what PostgreSQL last said; a simulated one stands still."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import Clock

THEN = datetime(2020, 2, 29, 23, 59, tzinfo=UTC)


def test_it_goes_on_from_what_postgresql_said_whatever_this_machine_believes() -> None:
    clock = Clock()
    clock.saw(THEN)
    with time_machine.travel(datetime(1999, 1, 1, tzinfo=UTC)):
        assert timedelta(0) <= clock.about_now() - THEN < timedelta(seconds=60)


def test_a_simulated_clock_stands_still() -> None:
    clock = Clock(simulated=True)
    clock.saw(THEN)
    assert clock.about_now() == clock.about_now() == THEN


@given(st.integers(-100_000, 100_000))
def test_a_wait_is_never_long_and_never_below_zero(ahead: int) -> None:
    clock = Clock()
    clock.saw(THEN)
    wait = clock.seconds_until(THEN + timedelta(seconds=ahead))
    assert 0 <= wait <= 30
    if ahead > 60:
        assert wait == 30


@pytest.mark.parametrize(("ahead", "wait"), [(-1, 0.0), (0, 0.0), (1, 30.0)])
def test_in_simulation_only_a_move_brings_the_moment_near(ahead: int, wait: float) -> None:
    clock = Clock(simulated=True)
    clock.saw(THEN)
    assert clock.seconds_until(THEN + timedelta(seconds=ahead)) == wait
