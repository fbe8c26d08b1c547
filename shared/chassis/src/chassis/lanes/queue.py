"""What a lane has read from Kafka and not decided yet, and how long it may still gather.

The pump fills it through the lane; the lane's work drains it. Seconds are of a monotonic clock.
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chassis.lanes.records import Record
from chassis.lanes.step import Step
from chassis.lanes.taking import Place, Position


class LaneQueue:
    """Records in the order of their coming."""

    def __init__(self, step: Step[Any, Any]) -> None:
        """Begin empty."""
        gathered = step.least_patience_s
        self._patience_s = {
            topic.name: seconds - gathered for topic, seconds in step.patience.items()
        }
        self._most = step.max_batch
        self._records: deque[Record] = deque()
        self._reached: set[Place] = set()
        self.ripe_at = math.inf
        """When what lies here has waited long enough for more."""

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._records)

    def clear(self) -> None:
        """Begin anew: the lane is taken again."""
        self._records.clear()
        self._reached.clear()
        self.ripe_at = math.inf

    def is_ahead(self, first: Record, positions: Mapping[Place, Position]) -> bool:
        """Tell whether a place's first record since the lane was taken lies beyond its position.

        It may have been read before the lane's seek; after a second seek it is a hole of the log.
        """
        place = (first.topic, first.partition)
        position = positions.get(place)
        if position is None or place in self._reached:
            return False
        self._reached.add(place)
        return first.offset > position.next_off

    def put(self, records: Sequence[Record], now: float) -> bool:
        """Take records of one topic; tell whether that lets the batch begin sooner."""
        self._records.extend(records)
        ripe_at = now + self._patience_s.get(records[0].topic, 0.0)
        if ripe_at >= self.ripe_at:
            return False
        self.ripe_at = ripe_at
        return True

    def put_back(self, records: Iterable[Record], now: float) -> None:
        """Take records again, before all others: their batch was undone."""
        self._records.extendleft(reversed(list(records)))
        if self._records:
            self.ripe_at = now

    def is_ripe(self, now: float) -> bool:
        """Tell whether what lies here need not wait for more records any longer."""
        return bool(self._records) and (len(self._records) >= self._most or now >= self.ripe_at)

    def drain(self, most: int) -> list[Record]:
        """Take out up to ``most`` records."""
        out = [self._records.popleft() for _ in range(min(most, len(self._records)))]
        if not self._records:
            self.ripe_at = math.inf
        return out
