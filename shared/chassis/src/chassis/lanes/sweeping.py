"""Sweeping by age: replies, parked bytes and other rows that nobody will ask for again.

A task of the runtime, once an hour on PostgreSQL's clock; several instances may sweep at once.
"""

import asyncio

import structlog

from chassis.database import Database, is_passing

log = structlog.get_logger()

_EVERY_S = 3_600.0
_RULES = (
    "DELETE FROM command WHERE at < clock_now() - interval '7 days'",
    # The topics keep a person for 30 days; a parked message's bytes may hold one.
    """UPDATE parked SET value = NULL WHERE value IS NOT NULL
    AND at < clock_now() - interval '30 days'""",
    "DELETE FROM parked WHERE at < clock_now() - interval '90 days'",
)


async def sweep(database: Database) -> None:
    """Delete what is too old, once."""
    for rule in _RULES:
        async with database.transaction() as tx:
            await tx.execute(rule)


async def sweep_for_ever(database: Database) -> None:
    """Sweep now and then every hour."""
    while True:
        try:
            await sweep(database)
        except Exception as error:
            if not is_passing(error):
                raise
            log.warning("sweep.waits", error=type(error).__name__)
        await asyncio.sleep(_EVERY_S)
