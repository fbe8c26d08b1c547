"""Waiting for news without a busy loop: woken by commits of this process, else a look a second.

Another instance's commits are seen at the next look. Used by the live view and the walk's page.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_LOOK_S = 1.0
_BREATH_S = 0.02
"""The least time between two looks, so that a burst of commits costs few of them."""


class Bell:
    """Rung after each commit; wakes all who wait."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self, _outcome: object) -> None:
        """Wake everybody who waits now."""
        self._rung.set()
        self._rung = asyncio.Event()

    def ticket(self) -> asyncio.Event:
        """Return what the next ring sets; to be taken before the look that may find nothing."""
        return self._rung


class Follower:
    """Looks until there is something, the time is over, or the process stops."""

    def __init__(self, bell: Bell, stopping: asyncio.Event) -> None:
        self._bell = bell
        self._stopping = stopping

    async def first(self, look: Callable[[], Awaitable[T]], wait_s: float) -> T:
        """Return the first truthy answer of ``look``, or the last one after ``wait_s``."""
        until = time.monotonic() + wait_s
        while True:
            ticket = self._bell.ticket()
            found = await look()
            left = until - time.monotonic()
            if found or left <= 0 or self._stopping.is_set():
                return found
            try:
                async with asyncio.timeout(min(left, _LOOK_S)):
                    await ticket.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(_BREATH_S)
