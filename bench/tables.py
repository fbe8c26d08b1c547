"""A result as tables of text: the same for the terminal and for docs/performance.md. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.figures import Quantiles, ratio
from bench.result import HOPS, QUANTILES, Goal, Latency, Result, goals

NONE = "–"
TWO_DIGITS = 10.0


@dataclass(frozen=True, slots=True)
class Table:
    """A title, heads and rows, all text."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def tables(result: Result) -> list[Table]:
    """Return what people read, goals first."""
    return [
        _goals(goals(result)),
        *(_latency(each) for each in result.latency),
        _sustained(result),
        *(_cpu(result, each.rate) for each in result.latency),
        _memory(result),
    ]


def _goals(found: Sequence[Goal]) -> Table:
    rows = [
        (each.name, each.goal, _number(each.value) + (each.unit if each.value is not None else ""),
         "met" if each.met else "missed")
        for each in found
    ]  # fmt: skip
    return Table("Goals", ("figure", "goal", "found", ""), rows)


def _latency(each: Latency) -> Table:
    rows = [(hop, *_three(each, hop)) for hop in HOPS]
    ends = f", {each.refused} refused" if each.refused else ""
    ends += f", {each.missing} NOT ROUTED" if each.missing else ""
    title = f"Milliseconds at {each.rate:g} leads/s ({each.leads} leads a side{ends})"
    heads = ("hop", *(f"{side} {name}" for name in QUANTILES for side in ("", "floor", "×")))
    return Table(title, [head.strip() for head in heads], rows)


def _three(each: Latency, hop: str) -> list[str]:
    ours, bare = each.baton.median(hop), each.floor.median(hop)
    cells = []
    for name in QUANTILES:
        cells += [_of(ours, name), _of(bare, name), _number(each.ratio(hop, name))]
    return cells


def _of(found: Quantiles | None, name: str) -> str:
    return NONE if found is None else _number(getattr(found, name))


def _sustained(result: Result) -> Table:
    ours, bare = result.sustained["baton"], result.sustained["floor"]
    row = (_number(ours), _number(bare), _number(ratio(ours, bare)))
    return Table("Sustained leads/s with bounded lag", ("baton", "floor", "×"), [row])


def _cpu(result: Result, rate: float) -> Table:
    ours, bare = result.cpu_us["baton"][rate], result.cpu_us["floor"][rate]
    names = list(dict.fromkeys([*ours, *bare]))
    rows = [_costs(name, ours.get(name), bare.get(name)) for name in names]
    rows.append(_costs("together", sum(ours.values()), sum(bare.values())))
    return Table(f"CPU µs a lead at {rate:g}/s", ("process", "baton", "floor", "×"), rows)


def _costs(name: str, ours: float | None, bare: float | None) -> tuple[str, ...]:
    return (name, _whole(ours), _whole(bare), _number(ratio(ours, bare)))


def _memory(result: Result) -> Table:
    rows = [
        (name, _whole(size), _number(result.idle_ms.get(name)))
        for name, size in result.memory_mb.items()
    ]
    idle = sum(result.idle_ms.get(name, 0.0) for name in result.services)
    rows.append(("the services together", _whole(result.services_mb), _number(idle)))
    heads = ("process", "MB resident, most seen", "CPU ms a second when idle")
    return Table("Memory, and what waiting costs", heads, rows)


def _number(value: float | None) -> str:
    if value is None:
        return NONE
    return f"{value:.2f}" if abs(value) < TWO_DIGITS else f"{value:,.0f}"


def _whole(value: float | None) -> str:
    return NONE if value is None else f"{value:,.0f}"
