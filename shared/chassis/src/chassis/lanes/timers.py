"""The timers of a lane that come due within ten minutes, in memory, earliest first. Pure.

Only a hint when to look: each is read again under the lane row before it fires.
"""

import heapq
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from chassis.lanes.taking import Place, Position

HORIZON = timedelta(minutes=10)
NEAR = timedelta(seconds=3)
"""How far every look goes, so that a timer that nobody told of is found in time."""

Entry = tuple[datetime, str, str]
"""Due, key, name."""


class Timers:
    """A heap of what is due before ``until``; beyond it the database knows."""

    def __init__(self) -> None:
        """Begin empty and in need of a look."""
        self._heap: list[Entry] = []
        self._held: set[Entry] = set()
        self.until: datetime | None = None

    def load(self, entries: Iterable[Entry], until: datetime) -> None:
        """Hold exactly these, which are all that come due before ``until``."""
        self._held = set(entries)
        self._heap = list(self._held)
        heapq.heapify(self._heap)
        self.until = until

    def add(self, entry: Entry) -> None:
        """Take a timer that is new here, if it is due within the horizon."""
        if self.until is not None and entry[0] <= self.until and entry not in self._held:
            self._held.add(entry)
            heapq.heappush(self._heap, entry)

    def next_due(self) -> datetime | None:
        """Return when to look next: at the earliest timer or at the horizon."""
        return self._heap[0][0] if self._heap else self.until

    def wants_look(self, now: datetime) -> bool:
        """Tell whether the horizon is near, or nothing was loaded yet."""
        return self.until is None or now > self.until - HORIZON / 2

    def pop_due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Take out keys and names of what seems due at ``now``."""
        due: list[tuple[str, str]] = []
        while self._heap and self._heap[0][0] <= now and len(due) < limit:
            entry = heapq.heappop(self._heap)
            self._held.discard(entry)
            due.append(entry[1:])
        return due

    def __len__(self) -> int:
        """Return how many are held."""
        return len(self._heap)


def has_caught_up(positions: Mapping[Place, Position], ends: Mapping[Place, int]) -> bool:
    """Tell whether a lane has read all that the log held when it was taken.

    Before that timers stay silent: what would stop a clock may lie unread.
    """
    return all(
        positions[place].next_off >= end for place, end in ends.items() if place in positions
    )
