"""Waiting by condition in tests that run in the loop of what they wait for."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(ask: Callable[[], Awaitable[T]], what: str, within_s: float = 30.0) -> T:
    """Ask until the answer is truthy; an AssertionError names what did not come."""
    deadline = time.monotonic() + within_s
    while True:
        answer = await ask()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"waited {within_s} s for {what}"
        await asyncio.sleep(0.02)
