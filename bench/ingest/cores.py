"""One core for what is measured, the other for all else, so that neither takes from the other.

Linux alone can say it; elsewhere, and on one core, all share what there is and the result says so.
"""

import os
from contextlib import suppress
from pathlib import Path

import psutil

MEASURED, BESIDE = 0, 1


def can_pin() -> bool:
    """Tell whether there are two cores and a system that keeps processes on one."""
    return hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1


def pin(pid: int, place: int) -> None:
    """Keep a process with all its threads and children on one core of those that we may use."""
    if not can_pin():
        return
    core = _CORES[place]
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        for thread in Path(f"/proc/{process.pid}/task").iterdir():
            with suppress(ProcessLookupError):
                os.sched_setaffinity(int(thread.name), {core})


_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
