"""A request's body as it streams in, held to its limits of size and time.

The edge puts it between server and app; no route can read past it.
"""

import asyncio

from starlette.types import Message, Receive

from chassis.http.problem import Problem, ProblemKind
from chassis.settings import Settings

_CLOSE = {"Connection": "close"}
_DRAIN_S = 1.0


class Counted:
    """Receives on and stops at the limits of size and time, whatever Content-Length said."""

    def __init__(self, receive: Receive, settings: Settings, declared: int = 0) -> None:
        """Keep the limits; ``declared`` is Content-Length, which may only be too much."""
        self._receive = receive
        self._declared = declared
        self._limit = settings.max_body_bytes
        self._until = asyncio.get_running_loop().time() + settings.body_within_s
        self._seen = 0
        self._whole = False

    async def __call__(self) -> Message:
        """Hand the next part on. Raises Problem 413, 408."""
        if self._declared > self._limit:
            raise too_large(self._limit)
        if self._whole:  # what comes now is the end of the connection, whenever that is
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise Problem(
                ProblemKind.TOO_SLOW, "The body did not come in time.", headers=_CLOSE
            ) from None
        self._whole = not message.get("more_body", False)
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit:
            if not self._whole:
                await drain(self._receive, self._limit)
            raise too_large(self._limit)
        return message


async def drain(receive: Receive, most: int) -> None:
    """Read a little of what is too much: to close on unread bytes would lose the answer."""
    try:
        async with asyncio.timeout(_DRAIN_S):
            while most > 0:
                message = await receive()
                most -= len(message.get("body", b"")) + 1
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return


def too_large(limit: int) -> Problem:
    """Return the problem for a body of more than ``limit`` bytes."""
    # The rest of the body is not read, so the connection is of no more use.
    return Problem(ProblemKind.TOO_LARGE, f"At most {limit} bytes are read.", headers=_CLOSE)
