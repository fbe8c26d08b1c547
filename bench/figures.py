"""What is made of timestamps: quantiles, a lead's hops, what is under way, whether lag is bounded.

Rounds hand in what was sent and what arrived; nothing here measures. Times are nanoseconds of the
machine's monotonic clock, which all processes share; results are milliseconds. Pure.
"""

import math
import statistics
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MS = 1_000_000
SECOND = 1_000_000_000
GROWTH_LIMIT = 0.03
"""Share of the rate by which lag may seem to grow while it does not: noise of a short step."""
SAMPLES = 60


@dataclass(frozen=True, slots=True)
class Sent:
    """One lead as the load generator saw it."""

    scheduled: int
    sent: int
    answered: int
    status: int
    touch: str
    """The id that the answer gave."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One record as the bench's own consumer got it."""

    topic: str
    id: str
    cause: str
    """The id of the event before; of the first on its way, the id that the answer gave."""
    at: int
    size: int
    """Bytes of value and headers."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Milliseconds."""

    p50: float
    p95: float
    p99: float


def quantiles(values: Sequence[float]) -> Quantiles | None:
    """Return p50, p95 and p99, each a value that was seen; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return Quantiles(*(ordered[_rank(len(ordered), share)] for share in (0.50, 0.95, 0.99)))


def _rank(count: int, share: float) -> int:
    return max(0, math.ceil(count * share) - 1)


def medians(rounds: Sequence[Quantiles]) -> Quantiles:
    """Return the median over rounds of each quantile."""
    return Quantiles(
        statistics.median(each.p50 for each in rounds),
        statistics.median(each.p95 for each in rounds),
        statistics.median(each.p99 for each in rounds),
    )


def walks(
    sent: Sequence[Sent], arrived: Sequence[Arrival], topics: Sequence[str]
) -> list[list[int]]:
    """Return for each lead when it came to each topic, as far as it came; in the order sent.

    Each record names the one before as its cause, the first one what the answer named. What a
    topic says of a lead a second time is left out.
    """
    followed = {lead.touch: number for number, lead in enumerate(sent) if lead.touch}
    times: list[list[int]] = [[] for _ in sent]
    by_topic: dict[str, list[Arrival]] = {topic: [] for topic in topics}
    for each in arrived:
        by_topic[each.topic].append(each)
    for place, topic in enumerate(topics):
        ids: dict[str, int] = {}
        for each in by_topic[topic]:
            number = followed.get(each.cause)
            if number is not None and len(times[number]) == place:
                times[number].append(each.at)
                ids[each.id] = number
        followed = ids
    return times


def hops(
    sent: Sequence[Sent], times: Sequence[Sequence[int]], topics: Sequence[str]
) -> Mapping[str, list[float]]:
    """Return milliseconds by name: the answer, each topic since the one before, and the whole."""
    taken: dict[str, list[float]] = {"answer": [], **{topic: [] for topic in topics}, "all": []}
    for lead, walk in zip(sent, times, strict=True):
        taken["answer"].append((lead.answered - lead.scheduled) / MS)
        if len(walk) == len(topics):
            before = lead.scheduled
            for topic, at in zip(topics, walk, strict=True):
                taken[topic].append((at - before) / MS)
                before = at
            taken["all"].append((walk[-1] - lead.scheduled) / MS)
    return taken


def under_way(begun: Sequence[int], ended: Sequence[int], at: int) -> int:
    """Return how many had begun and not ended at an instant; both sorted."""
    return bisect_right(begun, at) - bisect_right(ended, at)


def growth(begun: Sequence[int], ended: Sequence[int]) -> float:
    """Return by which share of the rate the number under way grew over the last two thirds.

    0 where what comes in goes out; 0.5 where half of it stays behind. The means of the middle
    and of the last third are compared, so that a burst does not count as growth.
    """
    begun, ended = sorted(begun), sorted(ended)
    first, last = begun[0], begun[-1]
    third = (last - first) / 3
    middle, final = (
        statistics.fmean(
            under_way(begun, ended, round(first + third * part + third * n / SAMPLES))
            for n in range(SAMPLES)
        )
        for part in (1, 2)
    )
    return (final - middle) / (len(begun) / 3)


def is_bounded(begun: Sequence[int], ended: Sequence[int]) -> bool:
    """Whether a step's lag does not grow and all that began has ended."""
    return len(ended) >= len(begun) and growth(begun, ended) <= GROWTH_LIMIT


def ratio(value: float | None, floor: float | None) -> float | None:
    """Return how many times the floor's a figure is; None where one is missing."""
    return None if value is None or not floor else value / floor
