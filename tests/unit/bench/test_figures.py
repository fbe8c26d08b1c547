"""Figures: quantiles, hops, what is under way, whether lag is bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import (
    MS,
    SECOND,
    Arrival,
    Quantiles,
    Sent,
    growth,
    hops,
    is_bounded,
    medians,
    quantiles,
    ratio,
    walks,
)

TOPICS = ("touches", "leads", "mql")


def sent(number: int, touch: str) -> Sent:
    at = number * SECOND
    return Sent(scheduled=at, sent=at + MS, answered=at + 2 * MS, status=200, touch=touch)


def arrival(topic: str, name: str, cause: str, at: int) -> Arrival:
    return Arrival(topic, name, cause, at, 100)


def test_quantiles_are_values_that_were_seen() -> None:
    assert quantiles([float(n) for n in range(1, 101)]) == Quantiles(50.0, 95.0, 99.0)
    assert quantiles([7.0]) == Quantiles(7.0, 7.0, 7.0)
    assert quantiles([]) is None


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_quantiles_stand_in_order_and_within_the_values(values: list[float]) -> None:
    found = quantiles(values)
    assert found is not None
    assert min(values) <= found.p50 <= found.p95 <= found.p99 <= max(values)


def test_the_median_over_rounds_is_taken_of_each_quantile() -> None:
    rounds = [Quantiles(1, 20, 30), Quantiles(2, 10, 50), Quantiles(9, 15, 40)]
    assert medians(rounds) == Quantiles(2, 15, 40)


def test_a_walk_follows_the_causes_whatever_the_order_of_arrival() -> None:
    arrived = [
        arrival("mql", "q1", "r1", 9),
        arrival("leads", "r1", "t1", 8),
        arrival("touches", "t1", "T1", 7),
        arrival("touches", "t2", "T2", 10),
    ]
    assert walks([sent(1, "T1"), sent(2, "T2"), sent(3, "")], arrived, TOPICS) == [
        [7, 8, 9],
        [10],
        [],
    ]


def test_what_a_topic_says_twice_counts_once() -> None:
    arrived = [
        arrival("touches", "t1", "T1", 7),
        arrival("leads", "r1", "t1", 8),
        arrival("leads", "r1", "t1", 12),
    ]
    assert walks([sent(1, "T1")], arrived, TOPICS[:2]) == [[7, 8]]


def test_hops_count_from_the_scheduled_send_time() -> None:
    at = SECOND
    taken = hops([sent(1, "t1")], [[at + 3 * MS, at + 5 * MS, at + 10 * MS]], TOPICS)
    assert taken == {
        "answer": [2.0],
        "touches": [3.0],
        "leads": [2.0],
        "mql": [5.0],
        "all": [10.0],
    }


def test_a_lead_that_did_not_come_through_counts_for_its_answer_only() -> None:
    taken = hops([sent(1, "t1")], [[SECOND]], TOPICS)
    assert taken == {"answer": [2.0], "touches": [], "leads": [], "mql": [], "all": []}


@pytest.mark.parametrize("delay_ms", [1, 50, 400])
def test_a_steady_delay_is_bounded_lag(delay_ms: int) -> None:
    begun = [n * MS * 5 for n in range(1200)]
    ended = [at + delay_ms * MS for at in begun]
    assert growth(begun, ended) == pytest.approx(0, abs=0.01)
    assert is_bounded(begun, ended)


def test_lag_that_grows_by_a_tenth_of_the_rate_is_not_bounded() -> None:
    begun = [n * MS * 5 for n in range(1200)]
    ended = [round(at * 1.111) for at in begun]
    assert growth(begun, ended) == pytest.approx(0.1, abs=0.02)
    assert not is_bounded(begun, ended)


def test_a_burst_that_is_made_good_is_bounded_lag() -> None:
    begun = [n * MS * 5 for n in range(1200)]
    ended = [max(at, 1_500 * MS) + MS for at in begun]
    assert is_bounded(begun, ended)


def test_leads_that_never_end_are_not_bounded() -> None:
    begun = [n * MS * 5 for n in range(1200)]
    assert not is_bounded(begun, [at + MS for at in begun[:-1]])


def test_a_ratio_wants_both_figures() -> None:
    assert ratio(3.0, 2.0) == 1.5
    assert ratio(None, 2.0) is None
    assert ratio(3.0, None) is None
