"""Whether a loop moves. A stuck consumer gives no signal of its own. Pure.

Drives both ``/livez`` and the process's own exit, so that they can never disagree.
"""

from enum import Enum


class Progress(Enum):
    """What a lane is doing."""

    MOVING = "moving"
    IDLE = "idle"
    WAITING = "waiting"
    """There is work and a known reason why it waits, such as a server that is away."""
    STUCK = "stuck"


def progress(
    *, lag: int, last_progress: float, now: float, waits: bool, limit_s: float = 30.0
) -> Progress:
    """Judge a loop with ``lag`` items of work that last moved at ``last_progress``.

    Both times are seconds of the same monotonic clock; ``waits`` says that a known outage
    explains a standstill.
    """
    if lag == 0:
        return Progress.IDLE
    if now - last_progress < limit_s:
        return Progress.MOVING
    return Progress.WAITING if waits else Progress.STUCK
