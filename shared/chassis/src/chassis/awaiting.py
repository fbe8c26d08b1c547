"""``python -m SERVICE await-schema``: waits until the schema is what this release needs.

Run before serving, by an initContainer: a pod of a new release begins once its migration is done.
Changes nothing; imports neither Alembic nor the service.
"""

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg

from chassis.database import Database, Tx, Unavailable
from chassis.installation import LanesDiffer, lanes_differ
from chassis.lanes.retry import backoff_s
from chassis.schema import lacks, needed_by
from chassis.settings import Settings, SettingsProblem, load

GIVE_UP_S = 600.0
"""Longer than a migration may take; then the pod is restarted, and its events say why."""

_LOOK_AGAIN_S = 2.0
_ENDED = 128 + signal.SIGTERM


class NotReached(Exception):  # noqa: N818 - it says what is wrong, for people
    """The schema did not become what this release needs."""


def await_schema_now(service: str, migrations: Path | None) -> int:
    """Wait and return the exit code: 0 there, 1 given up or refused, 143 ended by SIGTERM."""
    try:
        asyncio.run(_until_signalled(load(Settings), service, migrations))
    except (SettingsProblem, LanesDiffer, NotReached) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    except asyncio.CancelledError:
        return _ENDED
    return 0


async def _until_signalled(settings: Settings, service: str, migrations: Path | None) -> None:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in a task
    # The first process of a container has no default action for it: without this it would go on.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await await_schema(settings, service, migrations, _say)


async def await_schema(
    settings: Settings,
    service: str,
    migrations: Path | None,
    say: Callable[[str], None],
    *,
    give_up_s: float = GIVE_UP_S,
) -> None:
    """Return once the schema is there; ``say`` hears what is waited for, and that it is there.

    Raises NotReached after ``give_up_s`` seconds, LanesDiffer at once.
    """
    database = Database(settings)
    await database.open()
    deadline = time.monotonic() + give_up_s
    attempt, told = 0, None
    try:
        while (why := await _lacking(database, service, migrations)) is not None:
            if time.monotonic() > deadline:
                raise NotReached(
                    f"{service} gave up after {give_up_s:.0f} s: {why}. "
                    f"Look at the migration job of {service}"
                )
            if why != told:
                say(f"{service} waits: {why}")
            attempt, told = attempt + 1, why
            await asyncio.sleep(backoff_s(attempt, cap_s=_LOOK_AGAIN_S))
        say(f"{service}: the schema {settings.postgres_schema} is there")
    finally:
        await database.close()


async def _lacking(database: Database, service: str, migrations: Path | None) -> str | None:
    settings, needed = database.settings, needed_by(migrations)
    schema = settings.postgres_schema
    try:
        async with database.transaction() as tx:
            await _check_lanes(tx, settings.lanes)
            return await lacks(tx, schema, needed, service)
    except (Unavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        why = str(error) if isinstance(error, Unavailable) else type(error).__name__
        return f"{why} (for the schema {schema} at {needed})"


async def _check_lanes(tx: Tx, lanes: int) -> None:
    there = await tx.fetch_one("SELECT to_regclass('installation') IS NOT NULL AS there")
    if there is None or not there["there"]:
        return
    row = await tx.fetch_one("SELECT value FROM installation WHERE name = 'lanes'")
    if row is not None and row["value"] != str(lanes):
        raise LanesDiffer(lanes_differ(row["value"], lanes))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
