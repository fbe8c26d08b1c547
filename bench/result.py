"""What a bench found, as values that become JSON, a table and a page; and the goals.

Made by bench.measuring. Ratios are medians over pairs of rounds that ran one after the other, so
that what else the machine did in a minute falls on both. Pure.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.figures import Quantiles, medians, quantiles, ratio

P50_GOAL, P99_GOAL = 2.0, 3.0
GOAL_RATES = (50.0, 200.0)
"""Leads a second at which latency has a goal; at others it is only shown."""
THROUGHPUT_GOAL, SHARE_GOAL = 400.0, 0.5
MEMORY_GOAL_MB = 700.0
QUANTILES = ("p50", "p95", "p99")

HOPS = (
    "POST to answer",
    "POST to marketing.touches",
    "to leads.touches (identity)",
    "to leads.mql (score)",
    "to leads.sql (routing)",
    "POST to LeadRouted",
)
"""A lead's way as people read it; the floor has the same hops under other names."""
WHOLE = HOPS[-1]


@dataclass(frozen=True, slots=True)
class Timing:
    """One side at one rate: quantiles by hop, a value a round, rounds in order."""

    rounds: Mapping[str, Sequence[Quantiles]]

    def median(self, hop: str) -> Quantiles | None:
        """The median over rounds."""
        return medians(self.rounds[hop]) if self.rounds[hop] else None


@dataclass(frozen=True, slots=True)
class Latency:
    """Both sides at one rate."""

    rate: float
    leads: int
    """Of each side, all rounds together."""
    refused: int
    """Of both sides together, not answered 200."""
    missing: int
    """Of both, accepted and not routed by the end of the round."""
    baton: Timing
    floor: Timing

    def ratio(self, hop: str, quantile: str) -> float | None:
        """How many times the floor's time Baton takes: the median of the pairs' ratios."""
        pairs = zip(self.baton.rounds[hop], self.floor.rounds[hop], strict=False)
        found = [ratio(getattr(ours, quantile), getattr(bare, quantile)) for ours, bare in pairs]
        known = [each for each in found if each is not None]
        return statistics.median(known) if known else None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One step of the search for the highest rate."""

    side: str
    rate: float
    held: bool
    p99: float | None


@dataclass(frozen=True, slots=True)
class Goal:
    """One of the goals and whether it was met."""

    name: str
    goal: str
    value: float | None
    unit: str
    met: bool


@dataclass(frozen=True, slots=True)
class Result:
    """All of a bench."""

    machine: Mapping[str, str]
    taken_at: str
    seed: str
    latency: Sequence[Latency]
    sustained: Mapping[str, float | None]
    """Leads a second by side."""
    attempts: Sequence[Attempt]
    cpu_us: Mapping[str, Mapping[float, Mapping[str, float]]]
    """Side, rate, process: microseconds a lead, medians over rounds."""
    idle_ms: Mapping[str, float]
    """By process: milliseconds of CPU a second while nothing is sent; floor rounds bear it."""
    memory_mb: Mapping[str, float]
    """The most seen, by process."""
    services: Sequence[str]
    """Which processes are Baton's services."""

    @property
    def services_mb(self) -> float:
        """What the services hold together."""
        return sum(self.memory_mb[name] for name in self.services)


def timing(taken: Sequence[Mapping[str, Sequence[float]]]) -> Timing:
    """Return quantiles by hop of rounds whose hops stand in the order of HOPS."""
    named = [dict(zip(HOPS, each.values(), strict=True)) for each in taken]
    found = {hop: [quantiles(each[hop]) for each in named] for hop in HOPS}
    return Timing({hop: [one for one in each if one is not None] for hop, each in found.items()})


def goals(result: Result) -> list[Goal]:
    """Return the goals of this project, met or not."""
    found = []
    for each in result.latency:
        if each.rate not in GOAL_RATES:
            continue
        for quantile, goal in (("p50", P50_GOAL), ("p99", P99_GOAL)):
            value = each.ratio(WHOLE, quantile)
            name = f"{WHOLE}, {quantile} at {each.rate:g}/s"
            met = value is not None and value <= goal and each.refused + each.missing == 0
            found.append(Goal(name, f"≤ {goal:g}× floor", value, "×", met))
    ours, bare = result.sustained["baton"], result.sustained["floor"]
    share = ratio(ours, bare)
    size = result.services_mb
    enough, fair = (ours or 0) >= THROUGHPUT_GOAL, (share or 0) >= SHARE_GOAL
    return [
        *found,
        Goal("sustained leads/s", f"≥ {THROUGHPUT_GOAL:g}", ours, "/s", enough),
        Goal("sustained, share of the floor's", f"≥ {SHARE_GOAL:g}×", share, "×", fair),
        Goal("services together", f"< {MEMORY_GOAL_MB:g} MB", size, " MB", size < MEMORY_GOAL_MB),
    ]


def as_json(result: Result) -> dict[str, object]:
    """Return the result as JSON's values, ratios and goals beside the figures."""
    return {
        "machine": dict(result.machine),
        "taken_at": result.taken_at,
        "seed": result.seed,
        "latency_ms": [_latency(each) for each in result.latency],
        "sustained_per_s": dict(result.sustained)
        | {"ratio": ratio(result.sustained["baton"], result.sustained["floor"])},
        "attempts": list(result.attempts),
        "cpu_us_per_lead": {
            side: {f"{rate:g}": dict(cost) for rate, cost in by_rate.items()}
            for side, by_rate in result.cpu_us.items()
        },
        "idle_cpu_ms_per_s": dict(result.idle_ms),
        "memory_mb": dict(result.memory_mb) | {"services together": result.services_mb},
        "goals": goals(result),
    }


def _latency(each: Latency) -> dict[str, object]:
    return {
        "rate_per_s": each.rate,
        "leads": each.leads,
        "refused": each.refused,
        "missing": each.missing,
        "hops": {
            hop: {
                "baton": each.baton.median(hop),
                "floor": each.floor.median(hop),
                "ratio": {name: each.ratio(hop, name) for name in QUANTILES},
                "rounds": {"baton": each.baton.rounds[hop], "floor": each.floor.rounds[hop]},
            }
            for hop in HOPS
        },
    }
