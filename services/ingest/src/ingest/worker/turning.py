"""A companion that takes one turn after another until it is stopped, whatever a turn meets.

The companions that are asked by nobody are made of it. What a failed turn leaves undone, the next
one finds again.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence

import structlog

from chassis.database import is_passing
from chassis.stopping import COMPANION_TASKS_S

log = structlog.get_logger()


class Turning(ABC):
    """Takes a turn every so many seconds."""

    def __init__(self, name: str, every_s: float) -> None:
        """Keep its name, which logs and tasks bear, and how long it rests between two turns."""
        self._name = name
        self._every_s = every_s
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; what was left undone somewhere goes on."""
        self._loop = asyncio.create_task(self._run(), name=f"ingest.{self._name}")

    async def stop(self) -> None:
        """End; a turn that is broken off is taken again by whoever runs next."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.wait([self._loop], timeout=COMPANION_TASKS_S)

    def lacking(self) -> Sequence[str]:
        """Say nothing: senders wait for none of it."""
        return ()

    async def pending(self) -> int:
        """Return how much is left to do that others wait for."""
        return 0

    async def _run(self) -> None:
        while True:
            try:
                await self._turn()
            except Exception as error:  # noqa: BLE001 - it goes on whatever happens
                level = log.warning if is_passing(error) else log.error
                level(f"{self._name}.failed", error=error)
            await self._rest()

    async def _rest(self) -> None:
        await asyncio.sleep(self._every_s)

    @abstractmethod
    async def _turn(self) -> None: ...
