"""A lead's desk in memory: events go in, what was said and the standing timers come out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contracts.decision import Say, Timer
from contracts.event import Event
from sla_monitor.consumer import CLOCKS
from sla_monitor.domain.policy import Promises
from sla_monitor.domain.state import Desk, Running
from tests.unit.sla_monitor.made import due, promises


class Lead:
    """Carries decisions out as chassis does, timers included."""

    def __init__(self, policy: Promises | None = None, desk: Desk | None = None) -> None:
        self.policy = policy or promises()
        self.desk = desk or Desk()
        self.said: list[Say] = []
        self.timers: dict[str, Timer] = {}

    def hear(self, event: Event[Any], now: datetime | None = None) -> Sequence[str]:
        """Decide on an event; returns the types of what it says."""
        at = now or event.recorded_at
        decision = CLOCKS.decide(self.desk, event, self.policy, at)
        assert decision is not None
        self.desk = decision.state
        new = [what if isinstance(what, Say) else Say(what) for what in decision.says]
        self.said += new
        for timer in decision.timers:
            self.timers.pop(timer.name, None)
            if timer.due_at is not None:
                self.timers[timer.name] = timer
        return [say.body.TYPE for say in new]

    def until(self, now: datetime) -> Sequence[str]:
        """Let every timer fire that is due at ``now``; returns the types of what they say."""
        said: list[str] = []
        while ready := [
            t for t in self.timers.values() if t.due_at is not None and t.due_at <= now
        ]:
            timer = min(ready, key=lambda each: (each.due_at, each.name))
            del self.timers[timer.name]
            assert timer.due_at is not None
            said += self.hear(due(timer.name, timer.due_at, timer.payload), now)
        return said

    @property
    def clock(self) -> Running:
        """The newest clock."""
        return self.desk.cycles[-1].clocks[0]

    def told(self, kind: type[Any]) -> list[Any]:
        """What was said of this type."""
        return [say.body for say in self.said if isinstance(say.body, kind)]
