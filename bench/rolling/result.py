"""What the runs of a rolling restart are and what they showed, as a table of text. Pure."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench.tables import Table

SIZE = 3
LANES = 6
PER_S = 5.0
"""Processes, lanes, and records a second and lane."""

_HEADS = (
    "restart",
    "membership",
    "session s",
    "longest wait s",
    "median lane's",
    "waited > 1 s",
    "start s",
    "start CPU s",
    "stop s",
)


class Way(StrEnum):
    """How a process belongs to its groups."""

    SILENT = "static, silent"
    """A member by name that says nothing when it ends: aiokafka's way."""
    LEAVING = "static, leaves"
    DYNAMIC = "dynamic"
    """A member without a name: leaves when told to stop, is a stranger when it comes back."""


class Manner(StrEnum):
    """How the three are restarted."""

    SURGE = "new one first, new names"
    """A Deployment with maxSurge 1, maxUnavailable 0."""
    SLOWLY = "the same, 10 s between"
    """And minReadySeconds 10."""
    SAME_NAME = "old one first, same names"
    """A StatefulSet."""
    CRASH = "kill -9 of one, back under its name"


@dataclass(frozen=True, slots=True)
class Run:
    """What one run is."""

    manner: Manner
    way: Way
    session_s: float


RUNS = (
    Run(Manner.SURGE, Way.SILENT, 6),
    Run(Manner.SURGE, Way.SILENT, 10),
    Run(Manner.SURGE, Way.DYNAMIC, 10),
    Run(Manner.SURGE, Way.LEAVING, 6),
    Run(Manner.SURGE, Way.LEAVING, 10),
    Run(Manner.SLOWLY, Way.LEAVING, 10),
    Run(Manner.SAME_NAME, Way.SILENT, 10),
    Run(Manner.SAME_NAME, Way.DYNAMIC, 10),
    Run(Manner.SAME_NAME, Way.LEAVING, 10),
    Run(Manner.CRASH, Way.LEAVING, 6),
    Run(Manner.CRASH, Way.LEAVING, 10),
    Run(Manner.CRASH, Way.DYNAMIC, 10),
)
"""What is compared; how a process leaves on SIGTERM makes no difference to a crash."""


@dataclass(frozen=True, slots=True)
class Found:
    """What it showed, in seconds."""

    run: Run
    longest_s: Sequence[float]
    """The longest wait of each lane's records, lane by lane."""
    late: float
    """The share of records that came during the restarts and waited longer than a second."""
    started_s: float
    start_cpu_s: float
    stopped_s: float
    """The median start (program to ready), its processor time, and stop (SIGTERM to gone)."""


def table(found: Sequence[Found]) -> Table:
    """Return what was found, a row a run."""
    title = f"{SIZE} processes of scoring, {LANES} lanes, {PER_S:g} records a second and lane"
    return Table(title, _HEADS, [_row(each) for each in found])


def _row(each: Found) -> tuple[str, ...]:
    return (
        each.run.manner,
        each.run.way,
        f"{each.run.session_s:g}",
        f"{max(each.longest_s):.1f}",
        f"{statistics.median(each.longest_s):.1f}",
        f"{each.late:.1%}",
        f"{each.started_s:.1f}",
        f"{each.start_cpu_s:.1f}",
        f"{each.stopped_s:.1f}" if each.stopped_s else "–",
    )
