"""Sources whose platform takes nothing for now, as this instance has heard it.

The fetcher asks before each call: of many leads that wait, the first that is refused speaks for
all. Other instances learn it by their own first call.
"""

import asyncio
from dataclasses import dataclass

from ingest.domain.fetching import Hindered
from ingest.worker.platform_calls import wait_before


@dataclass(slots=True)
class _Pause:
    """One source's."""

    hindered: Hindered
    until: float
    in_a_row: int
    """How often the platform has refused since it last gave a lead."""


class Pauses:
    """The pauses of one process, by source."""

    def __init__(self) -> None:
        """Know none."""
        self._pauses: dict[str, _Pause] = {}

    def hindering(self, source_id: str) -> Hindered | None:
        """Return what a platform said, as long as it is to be left alone; None: it may be asked."""
        pause = self._pauses.get(source_id)
        return pause.hindered if pause is not None and pause.until > _now() else None

    def begun(self, source_id: str, hindered: Hindered) -> float:
        """Return for how many seconds a platform is left alone; one that is on stays as it is."""
        pause = self._pauses.get(source_id)
        if pause is None or pause.until <= _now():
            in_a_row = 1 if pause is None else pause.in_a_row + 1
            until = _now() + wait_before(in_a_row, hindered)
            pause = self._pauses[source_id] = _Pause(hindered, until, in_a_row)
        return pause.until - _now()

    def ended(self, source_id: str) -> None:
        """Take note that a platform gave a lead."""
        self._pauses.pop(source_id, None)


def _now() -> float:
    return asyncio.get_running_loop().time()
