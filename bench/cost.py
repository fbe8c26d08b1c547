"""What processes cost: CPU seconds they have used, and the memory they hold.

Asked before and after a steady window, so that starting is not counted. A process' children are
its own: PostgreSQL's backends are PostgreSQL.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import psutil

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """By name of the process."""

    cpu_s: Mapping[str, float]
    memory_mb: Mapping[str, float]


def usage(processes: Mapping[str, int]) -> Usage:
    """Ask the system now. Raises psutil.NoSuchProcess where one has ended."""
    cpu, memory = {}, {}
    for name, pid in processes.items():
        head = psutil.Process(pid)
        family = [head, *head.children(recursive=True)]
        cpu[name] = sum(_cpu_s(each) for each in family)
        memory[name] = sum(_bytes(each, alone=len(family) == 1) for each in family) / MEGABYTE
    return Usage(cpu, memory)


def used_s(before: Usage, after: Usage) -> dict[str, float]:
    """Return the CPU seconds between two looks."""
    return {name: after.cpu_s[name] - seconds for name, seconds in before.cpu_s.items()}


def _cpu_s(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _bytes(process: psutil.Process, *, alone: bool) -> int:
    """Return resident bytes; of a family what each adds, since its pages are shared (Linux)."""
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied, AttributeError):
        if not alone:
            return int(process.memory_full_info().pss)
    with suppress(psutil.NoSuchProcess):
        return int(process.memory_info().rss)
    return 0
