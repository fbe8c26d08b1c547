"""LISTEN: one direct connection a process, which wakes lanes and tells of a moved clock.

It dies silently with its backend, so it watches for that, listens again and wakes everybody.
Missing a word is harmless: lanes look once a second besides.
"""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import asyncpg
import structlog

from chassis.database import Database
from chassis.lanes.retry import backoff_s
from chassis.stopping import LISTENING_S

log = structlog.get_logger()

Hear = Callable[[str], None]


class Listening:
    """Hears channels until it is stopped; not through PgBouncer."""

    def __init__(
        self, database: Database, channels: dict[str, Hear], on_again: Callable[[], None]
    ) -> None:
        """Hand each channel's payloads to its hearer; ``on_again`` runs after each new start."""
        self._database = database
        self._channels = channels
        self._on_again = on_again
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin in the background."""
        self._task = asyncio.create_task(self._run(), name="listen")

    async def stop(self) -> None:
        """End within a deadline."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=LISTENING_S)

    async def _run(self) -> None:
        attempt = 0
        while True:
            try:
                await self._listen()
                attempt = 0
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                attempt += 1
                log.warning("listen.lost", error=type(error).__name__)
            await asyncio.sleep(backoff_s(attempt, cap_s=2.0, jitter=random.random()))  # noqa: S311 - jitter is no secret

    async def _listen(self) -> None:
        arguments = self._database.connect_arguments()
        arguments["dsn"] = self._database.settings.migration_url.get_secret_value()
        connection = await asyncpg.connect(**arguments)
        gone = asyncio.Event()
        connection.add_termination_listener(lambda _: gone.set())
        try:
            for channel in self._channels:
                await connection.add_listener(channel, self._heard)
            self._on_again()
            await gone.wait()
        finally:
            connection.terminate()

    def _heard(self, _connection: Any, _pid: int, channel: str, payload: Any) -> None:  # noqa: ANN401 - asyncpg's signature
        self._channels[channel](str(payload))
