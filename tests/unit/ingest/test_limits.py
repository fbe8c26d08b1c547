"""The bucket of a source: never more than its burst, never slower than its rate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.amounts import Duration, Limit
from ingest.domain.limits import by_span, taken

S = 1_000_000_000
LIMIT = Limit.parse("60 per 1m")


def sent(gaps: list[int], limit: Limit) -> list[tuple[int, bool]]:
    """When each request came, and whether it was taken."""
    now, full_at, found = 10**18, 0, []
    for gap in gaps:
        now += gap
        full_at, wait = taken(full_at, now, limit)
        found.append((now, wait == 0))
    return found


def test_a_full_bucket_gives_all_its_tokens_at_once_and_then_one_by_one() -> None:
    assert [ok for _, ok in sent([0] * 61, LIMIT)] == [True] * 60 + [False]
    assert [ok for _, ok in sent([0] * 60 + [S, 0], LIMIT)][-2:] == [True, False]


def test_who_waits_as_long_as_told_is_taken_then() -> None:
    full_at = 0
    for _ in range(60):
        full_at, _ = taken(full_at, 0, LIMIT)
    same, wait = taken(full_at, 0, LIMIT)
    assert (same, wait) == (full_at, S)
    assert taken(full_at, wait - 1, LIMIT)[1] == 1
    assert taken(full_at, wait, LIMIT)[1] == 0


@given(
    st.lists(st.integers(0, 3 * S), max_size=200),
    st.integers(1, 50),
    st.integers(1, 20),
)
def test_in_no_stretch_are_more_taken_than_the_burst_and_the_rate_allow(
    gaps: list[int], count: int, seconds: int
) -> None:
    limit = Limit(count, Duration(seconds * 1000))
    taken_at = [at for at, ok in sent(gaps, limit) if ok]
    each = seconds * S // count
    for i, first in enumerate(taken_at):
        for j in range(i, len(taken_at)):
            assert j - i + 1 <= count + (taken_at[j] - first) // each + 1


@given(st.integers(1, 1000), st.integers(1, 1000))
def test_a_sender_that_keeps_to_its_rate_is_never_refused(count: int, seconds: int) -> None:
    limit = Limit(count, Duration(seconds * 1000))
    pace = -(-seconds * S // count)
    assert all(ok for _, ok in sent([pace] * 300, limit))


def test_a_limit_is_by_a_span_and_not_by_the_calendar() -> None:
    longest = Duration.parse("90d")
    assert by_span(Limit.parse("3 per 90d"), longest) is None
    assert "90d" in str(by_span(Limit.parse("3 per 91d"), longest))
    assert "calendar" in str(by_span(Limit.parse("3 per month"), longest))
    with pytest.raises(ValueError, match="span"):
        taken(0, 0, Limit.parse("3 per month"))
