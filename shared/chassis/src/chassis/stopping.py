"""How long an orderly stop takes at most: every stage and its seconds, in the order they run.

The runtime walks through ``stop_budget`` and holds each stage to it; whoever gives a process its
grace (a manifest, a supervisor) asks ``stop_within_s``. The stages take their own deadlines from
here. Opens nothing, knows no clock.
"""

import asyncio
import os
import threading
from collections.abc import Coroutine, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import structlog

from chassis.settings import Settings

if TYPE_CHECKING:
    from chassis.serving import Service

log = structlog.get_logger()

Ending = Coroutine[Any, Any, object]

WEB_CUT_S = 4.0
"""Beyond ``stop_grace_s``: requests that did not end are cut, then the server itself."""
BEGINNING_S = 2.0
DRAIN_S = 5.0
LAY_DOWN_S = 3.0
LEAVE_S = 3.0
FLUSH_S = 2.0
CUT_PRODUCER_S = 2.0
LISTENING_S = 2.0
COMPANION_TASKS_S = 3.0
DATABASE_S = 4.0
TRACING_S = 4.0

OVERDUE = 70
"""The exit code of a process that did not end within its own sum."""

_TO_CLEAN_UP_S = 0.5
"""What a stage has beyond its own deadlines, to put away what they cut."""
_ENDED_S = 2.0
"""For the loop and the interpreter to end once everything is closed."""


class Stage(StrEnum):
    """One stage of an orderly stop. What stands in one stage runs side by side."""

    WEB = "web"
    """No connection is taken any more, requests under way end."""
    BEGINNING = "beginning"
    """A start that still waits for Kafka or PostgreSQL is called off, and the hourly sweep."""
    DRAINING = "draining"
    """Each lane finishes its batch, and Kafka acknowledges what it said."""
    LAYING_DOWN = "laying-down"
    """Lanes and the step's tasks end, finished or not."""
    LEAVING = "leaving"
    """The consumers leave their groups, so that others take the lanes at once."""
    CLIENTS = "clients"
    """The producer, LISTEN, and what runs beside the lanes with a producer of its own."""
    CLOSING = "closing"
    """PostgreSQL's connections and the exporter of traces."""


def stop_budget(settings: Settings, service: "Service") -> Mapping[Stage, float]:
    """Return the stages of a service's stop in their order, and the seconds each has at most."""
    sender_s = FLUSH_S + CUT_PRODUCER_S
    # Whether a service has companions is known only once it runs: they are always counted.
    clients = max(LISTENING_S, sender_s, COMPANION_TASKS_S + sender_s)
    own: dict[Stage, float] = {
        Stage.WEB: settings.stop_grace_s + WEB_CUT_S,
        Stage.BEGINNING: BEGINNING_S,
    }
    if service.steps:
        own |= {
            Stage.DRAINING: DRAIN_S,
            Stage.LAYING_DOWN: LAY_DOWN_S,
            Stage.LEAVING: LEAVE_S,
        }
    own |= {Stage.CLIENTS: clients, Stage.CLOSING: max(DATABASE_S, TRACING_S)}
    return {stage: seconds + _TO_CLEAN_UP_S for stage, seconds in own.items()}


def stop_within_s(settings: Settings, service: "Service") -> float:
    """Return after how many seconds from SIGTERM a process of the service has ended at the latest.

    A manifest's grace period is this, the seconds of its preStop and a margin.
    """
    return sum(stop_budget(settings, service).values()) + _ENDED_S


def end_after(seconds: float) -> None:
    """Begin to count: a process that is still there after ``seconds`` is ended, whatever holds it.

    What no stage can bound (a thread that a library left) must not outlast the grace period.
    """
    timer = threading.Timer(seconds, os._exit, (OVERDUE,))
    timer.daemon = True
    timer.start()


async def within(stage: str, seconds: float, *works: Ending) -> bool:
    """Do the works side by side; after ``seconds`` go on without those that have not ended.

    Unlike ``asyncio.timeout`` this holds also where somebody below swallows the cancellation. A
    work that failed or was cut is logged; returns whether all ended well.
    """
    if not works:
        return True
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, late = await asyncio.wait(tasks, timeout=seconds)
    finally:
        for task in tasks:
            task.cancel()
    if late:
        log.warning("stop.cut", phase=str(stage), seconds=seconds)
    failed = [error for task in done if not task.cancelled() and (error := task.exception())]
    for error in failed:
        why = {"error": type(error).__name__, "why": str(error)[:200]}
        log.warning("stop.failed", phase=str(stage), **why)
    return not late and not failed
