"""One log replayed into one step in the log's own time: timers due before a record fire first.

Pure and in memory, for backtests and for logs of other systems; the running system's clock is
moved by operators instead (chassis.lanes.operating).
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.lanes.deciding import Decided, Ground, decide_all
from chassis.lanes.step import Received, Step
from contracts.decision import TimerDue
from contracts.event import Event, Mode
from contracts.ids import from_words

PolicyAt = Callable[[datetime], tuple[Any, str]]
"""The policy that decisions read at an instant, and the hashes that name it."""


@dataclass(slots=True)
class _Clockwork:
    """Timers that are set, earliest first; a replaced one is skipped when it comes up."""

    heap: list[tuple[datetime, str, str]] = field(default_factory=list)
    known: dict[tuple[str, str], tuple[datetime, UUID, Mode, dict[str, Any]]] = field(
        default_factory=dict
    )

    def take(self, decided: Decided) -> None:
        for fired in decided.fired:
            self.known.pop(fired, None)
        for (key, name), told in decided.timers.items():
            if told.timer.due_at is None:
                self.known.pop((key, name), None)
                continue
            due, mode = told.timer.due_at, Mode(told.mode)
            self.known[key, name] = (due, told.cause, mode, dict(told.timer.payload))
            heapq.heappush(self.heap, (due, key, name))

    def due(self, until: datetime | None) -> tuple[datetime, str, str] | None:
        while self.heap and (until is None or self.heap[0][0] <= until):
            entry = heapq.heappop(self.heap)
            known = self.known.get(entry[1:])
            if known is not None and known[0] == entry[0]:
                return entry
        return None


def run_log(
    step: Step[Any, Any],
    log: Iterable[Received],
    states: MutableMapping[str, Any],
    policy_at: PolicyAt,
    *,
    fire_the_rest: bool = True,
) -> Iterator[tuple[Received, Decided]]:
    """Yield each event or timer with what was decided on it.

    ``log`` stands in the order of its events' ``occurred_at``, which is each decision's now.
    ``fire_the_rest`` lets timers beyond the log's end come due. A decision that fails raises what
    it failed with.
    """
    clockwork = _Clockwork()
    for received in log:
        yield from _until(step, clockwork, received.event.occurred_at, states, policy_at)
        yield _one(step, received, received.event.occurred_at, states, policy_at, clockwork)
    if fire_the_rest:
        yield from _until(step, clockwork, None, states, policy_at)


def _until(
    step: Step[Any, Any],
    clockwork: _Clockwork,
    until: datetime | None,
    states: MutableMapping[str, Any],
    policy_at: PolicyAt,
) -> Iterator[tuple[Received, Decided]]:
    while (entry := clockwork.due(until)) is not None:
        due, key, name = entry
        _, cause, mode, payload = clockwork.known[key, name]
        event = Event(
            id=from_words("timer", step.name, key, name, due.isoformat(), str(cause)),
            body=TimerDue(name=name, due_at=due, payload=payload),
            occurred_at=due,
            recorded_at=due,
            mode=mode,
            cause=cause,
            version=0,
        )
        yield _one(step, Received(event, key), due, states, policy_at, clockwork)


def _one(
    step: Step[Any, Any],
    received: Received,
    now: datetime,
    states: MutableMapping[str, Any],
    policy_at: PolicyAt,
    clockwork: _Clockwork,
) -> tuple[Received, Decided]:
    policy, named = policy_at(now)
    decided = decide_all(step, [received], states, Ground(0, policy, named, now))
    for failure in decided.failures:
        raise failure.error
    clockwork.take(decided)
    return received, decided
