"""After a restore from backup: a new incarnation, and numbers that begin at 1 again.

``python -m SERVICE restored``, once, before the service starts. The database is older than what
Kafka holds: what it will say again carries numbers that readers have had, so it says them as
another writer, and readers compare ids with what they decided in the last seven days.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Sequence

import orjson

from chassis.database import Database, Row, Tx
from chassis.lanes.records import PRODUCER, SEQ
from chassis.lanes.rows import HISTORY
from chassis.settings import Settings


async def restored(settings: Settings) -> str:
    """Renew the incarnation and return it. No instance of the service may run meanwhile."""
    database = Database(settings)
    await database.open()
    incarnation = secrets.token_hex(4)
    try:
        async with database.transaction() as tx:
            await tx.execute("LOCK TABLE lane IN ACCESS EXCLUSIVE MODE")
            await tx.execute("UPDATE lane SET epoch = epoch + 1")
            await tx.execute(
                "UPDATE installation SET value = $1 WHERE name = 'incarnation'", incarnation
            )
            await tx.execute("DELETE FROM sequence WHERE target <> $1", HISTORY)
            await _number_outbox_anew(tx, incarnation)
    finally:
        await database.close()
    return incarnation


def restored_now(settings: Settings) -> str:
    """Run ``restored`` to its end."""
    return asyncio.run(restored(settings))


async def _number_outbox_anew(tx: Tx, incarnation: str) -> None:
    """Let what was not sent yet be the first that the new writer says."""
    rows = await tx.fetch(
        "SELECT step, part, target, seq, headers FROM outbox ORDER BY step, part, target, seq"
    )
    lanes: dict[tuple[str, int, str], list[Row]] = defaultdict(list)
    for row in rows:
        lanes[row["step"], row["part"], row["target"]].append(row)
    for (step, part, target), waiting in lanes.items():
        for number, row in enumerate(waiting, start=1):
            # In rising order a new number is never larger than the old one, so none collide.
            await tx.execute(
                "UPDATE outbox SET seq = $5, headers = $6::text::json "
                "WHERE step = $1 AND part = $2 AND target = $3 AND seq = $4",
                step,
                part,
                target,
                row["seq"],
                number,
                _headers(orjson.loads(row["headers"]), incarnation, number),
            )
        await tx.execute(
            "INSERT INTO sequence (step, part, target, next_seq) VALUES ($1, $2, $3, $4)",
            step,
            part,
            target,
            len(waiting) + 1,
        )


def _headers(headers: Sequence[tuple[str, str]], incarnation: str, number: int) -> str:
    """Return the headers with the writer's new name and number."""
    renewed = []
    for name, text in headers:
        if name == PRODUCER:
            renewed.append([name, f"{text.partition('@')[0]}@{incarnation}"])
        else:
            renewed.append([name, str(number) if name == SEQ else text])
    return orjson.dumps(renewed).decode()
