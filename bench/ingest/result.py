"""What the bench of ingest found and which goals it meets, as tables of text. Pure."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.tables import Table

SHARE, HOPED_SHARE = 0.4, 0.5
RESIDENT_MB = 150.0
SLOWER = 2.0
KINDS = ("google_ads", "html_form")


@dataclass(frozen=True, slots=True)
class Round:
    """One side's round under full load."""

    per_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    """Of the measured process alone, a request."""
    busy: float
    """Share of the measured process' core that it used."""
    refused: int


@dataclass(frozen=True, slots=True)
class Honest:
    """Requests from 127.0.0.1 at a steady rate, alone or beside slow connections."""

    sent: int
    refused: int
    p50_ms: float
    p99_ms: float
    standing: int = 0
    """Slow connections that the server held at the end."""
    turned_away: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """Reading a body that is made to cost time."""

    body: str
    ours_ms: float
    json_ms: float
    """What json.loads takes for as many bytes of an ordinary lead."""


@dataclass(frozen=True, slots=True)
class Found:
    """All of a run. ``rounds`` by kind: the peer's and ingest's, pair by pair."""

    rounds: Mapping[str, Sequence[tuple[Round, Round]]]
    resident_mb: float
    honest: Sequence[tuple[Honest, Honest]]
    """Alone, and beside slow connections."""
    costs: Sequence[Cost]


def share(pairs: Sequence[tuple[Round, Round]]) -> float:
    """Return ingest's share of the peer's requests a second: the median of the pairs'."""
    return statistics.median(ours.per_s / peer.per_s for peer, ours in pairs)


def slower(pairs: Sequence[tuple[Honest, Honest]]) -> float:
    """Return how many times as long the slowest hundredth takes beside slow connections."""
    return statistics.median(beside.p99_ms / alone.p99_ms for alone, beside in pairs)


def tables(found: Found) -> list[Table]:
    """Return what people read, goals first."""
    return [_goals(found), _full(found), _beside(found), _costs(found)]


def _goals(found: Found) -> Table:
    refused = sum(beside.refused for _, beside in found.honest)
    times = slower(found.honest)
    rows = [
        (
            f"requests/s of the peer's, {kind}",
            f"≥ {SHARE:g}× ({HOPED_SHARE:g} hoped)",
            f"{share(pairs):.2f}×",
            _said(is_met=share(pairs) >= SHARE),
        )
        for kind, pairs in found.rounds.items()
    ]
    rows += [
        (
            "resident",
            f"< {RESIDENT_MB:.0f} MB",
            f"{found.resident_mb:.0f} MB",
            _said(is_met=found.resident_mb < RESIDENT_MB),
        ),
        ("honest requests refused beside slow ones", "0", str(refused), _said(is_met=not refused)),
        (
            "their p99, of that without slow ones",
            f"≤ {SLOWER:g}×",
            f"{times:.2f}×",
            _said(is_met=times <= SLOWER),
        ),
    ]
    return Table("Goals of ingest", ("figure", "goal", "found", ""), rows)


def _said(*, is_met: bool) -> str:
    return "met" if is_met else "missed"


def _full(found: Found) -> Table:
    rows = [
        _row(kind, name, [pair[place] for pair in pairs])
        for kind, pairs in found.rounds.items()
        for place, name in enumerate(("peer", "ingest"))
    ]
    heads = ("kind", "side", "requests/s", "p50 ms", "p99 ms", "CPU µs", "its core busy", "refused")
    return Table("One core under full load, medians of the rounds", heads, rows)


def _row(kind: str, side: str, rounds: Sequence[Round]) -> tuple[str, ...]:
    return (
        kind,
        side,
        f"{statistics.median(each.per_s for each in rounds):,.0f}",
        f"{statistics.median(each.p50_ms for each in rounds):.1f}",
        f"{statistics.median(each.p99_ms for each in rounds):.1f}",
        f"{statistics.median(each.cpu_us for each in rounds):,.0f}",
        f"{statistics.median(each.busy for each in rounds):.0%}",
        str(sum(each.refused for each in rounds)),
    )


def _beside(found: Found) -> Table:
    rows = [
        _honest(name, [pair[place] for pair in found.honest])
        for place, name in enumerate(("alone", "beside slow connections"))
    ]
    heads = ("honest", "sent", "refused", "p50 ms", "p99 ms", "slow held", "turned away")
    return Table("Honest requests at 50/s beside 2,000 slow connections", heads, rows)


def _honest(name: str, rounds: Sequence[Honest]) -> tuple[str, ...]:
    return (
        name,
        str(sum(each.sent for each in rounds)),
        str(sum(each.refused for each in rounds)),
        f"{statistics.median(each.p50_ms for each in rounds):.1f}",
        f"{statistics.median(each.p99_ms for each in rounds):.1f}",
        str(max(each.standing for each in rounds)),
        str(sum(each.turned_away for each in rounds)),
    )


def _costs(found: Found) -> Table:
    rows = [
        (
            each.body,
            f"{each.ours_ms:.1f}",
            f"{each.json_ms:.1f}",
            f"{each.ours_ms / each.json_ms:.1f}",
        )
        for each in found.costs
    ]
    heads = ("bytes that are made to cost time", "ms", "json.loads of a lead as long", "×")
    return Table("Refusing what is no lead", heads, rows)
