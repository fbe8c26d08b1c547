"""The search for the highest rate that holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.search import CLOSE, LEAST, MOST, Search


def found(limit: float) -> tuple[Search, int]:
    """Search where every rate up to the limit holds."""
    search, steps = Search(), 0
    while (rate := search.next_rate()) is not None:
        search, steps = search.told(rate, held=rate <= limit), steps + 1
    return search, steps


@given(st.floats(LEAST, MOST - 1))
def test_it_ends_close_below_the_limit_in_few_steps(limit: float) -> None:
    search, steps = found(limit)
    assert search.held is not None
    assert search.failed is not None
    assert search.held <= limit < search.failed
    assert search.failed / search.held <= CLOSE
    assert steps <= 11


def test_it_begins_at_200_and_doubles() -> None:
    assert Search().next_rate() == 200
    assert Search(held=200).next_rate() == 400


@pytest.mark.parametrize(("limit", "held"), [(MOST * 2, MOST), (0, None)])
def test_it_ends_where_all_or_nothing_holds(limit: float, held: float | None) -> None:
    search, _ = found(limit)
    assert search.held == held
