"""Waiting by condition, for tests: never by time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(ask: Callable[[], T | None], what: str, within_s: float = 30.0) -> T:
    """Ask until the answer is truthy; an AssertionError names what did not come."""
    deadline = time.monotonic() + within_s
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"waited {within_s} s for {what}"
        time.sleep(0.02)
