"""Rows of sources that were made by the API, and of their secrets. SQL's room.

The admin API writes, each change in one transaction with ``changing``; ``in_force`` reads. Values
come sealed and go sealed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from chassis.database import Row, Tx
from ingest.domain.added import Added, StoredSecret


async def changing(tx: Tx) -> datetime:
    """Begin a change: waits for others that change sources, and returns PostgreSQL's time."""
    await tx.execute("UPDATE source_change SET n = n + 1")
    row = await tx.fetch_one("SELECT clock_now() AS now")
    assert row is not None  # noqa: S101 - SELECT of a function gives a row
    now: datetime = row["now"]
    return now


async def changes(tx: Tx) -> int:
    """Return how many changes there were; where it stays, everything stays."""
    row = await tx.fetch_one("SELECT n FROM source_change")
    return 0 if row is None else int(row["n"])


async def every(tx: Tx) -> Sequence[Added]:
    """Return all sources that are not removed, by id."""
    rows = await tx.fetch("SELECT * FROM source WHERE removed_at IS NULL ORDER BY id")
    secrets = await _secrets(tx, [row["id"] for row in rows])
    return [_added(row, secrets[row["id"]]) for row in rows]


async def number(tx: Tx) -> int:
    """Return how many sources there are that are not removed."""
    row = await tx.fetch_one("SELECT count(*) AS n FROM source WHERE removed_at IS NULL")
    assert row is not None  # noqa: S101 - count gives a row
    return int(row["n"])


async def one(tx: Tx, source_id: str) -> Added | None:
    """Return a source that is not removed, or None."""
    row = await tx.fetch_one("SELECT * FROM source WHERE id = $1 AND removed_at IS NULL", source_id)
    return None if row is None else _added(row, (await _secrets(tx, [source_id]))[source_id])


async def put(tx: Tx, source_id: str, kind: str, config: Mapping[str, Any], now: datetime) -> None:
    """Write a source: a new one, one that was removed, or a change of one that is there."""
    await tx.execute(
        "INSERT INTO source (id, kind, config, version, made_at, changed_at) "
        "VALUES ($1, $2, $3::text::json, 1, $4, $4) "
        "ON CONFLICT (id) DO UPDATE SET kind = EXCLUDED.kind, config = EXCLUDED.config, "
        "version = source.version + 1, changed_at = EXCLUDED.changed_at, removed_at = NULL, "
        "made_at = CASE WHEN source.removed_at IS NULL THEN source.made_at "
        "ELSE EXCLUDED.made_at END",
        source_id,
        kind,
        orjson.dumps(dict(config), option=orjson.OPT_SORT_KEYS).decode(),
        now,
    )


async def touched(tx: Tx, source_id: str, now: datetime) -> None:
    """Take note that a source's secrets changed."""
    await tx.execute(
        "UPDATE source SET version = version + 1, changed_at = $2 WHERE id = $1", source_id, now
    )


async def remove(tx: Tx, source_id: str, now: datetime) -> None:
    """Take a source away; its secrets are deleted, its counts stay."""
    await tx.execute("UPDATE source SET removed_at = $2 WHERE id = $1", source_id, now)
    await tx.execute("DELETE FROM source_secret WHERE source = $1", source_id)
    await tx.execute("DELETE FROM source_heard WHERE source = $1", source_id)


async def put_secret(tx: Tx, secret: StoredSecret) -> None:
    """Add a secret; one of the same name is replaced."""
    if secret.name is not None:
        await tx.execute(
            "DELETE FROM source_secret WHERE source = $1 AND name = $2", secret.source, secret.name
        )
    await tx.execute(
        "INSERT INTO source_secret "
        "(id, source, name, sealed, fingerprint, weak, made_at, expires_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        secret.id,
        secret.source,
        secret.name,
        secret.sealed,
        secret.fingerprint,
        secret.weak,
        secret.made_at,
        secret.expires_at,
    )


async def expire(tx: Tx, secrets: Sequence[UUID], at: datetime) -> None:
    """Let secrets end at an instant; one that ends earlier stays so."""
    await tx.execute(
        "UPDATE source_secret SET expires_at = least($2, expires_at) WHERE id = ANY($1)",
        list(secrets),
        at,
    )


async def drop_secrets(tx: Tx, secrets: Sequence[UUID]) -> None:
    """Delete secrets."""
    await tx.execute("DELETE FROM source_secret WHERE id = ANY($1)", list(secrets))


async def _secrets(tx: Tx, sources: Sequence[str]) -> Mapping[str, list[StoredSecret]]:
    found: dict[str, list[StoredSecret]] = defaultdict(list)
    if sources:
        for row in await tx.fetch(
            "SELECT * FROM source_secret WHERE source = ANY($1) ORDER BY made_at, id", sources
        ):
            found[row["source"]].append(_secret(row))
    return found


def _added(row: Row, secrets: Sequence[StoredSecret]) -> Added:
    return Added(
        id=row["id"],
        kind=row["kind"],
        config=orjson.loads(row["config"]),
        version=row["version"],
        made_at=row["made_at"],
        changed_at=row["changed_at"],
        secrets=tuple(secrets),
    )


def _secret(row: Row) -> StoredSecret:
    return StoredSecret(
        id=UUID(str(row["id"])),
        source=row["source"],
        name=row["name"],
        sealed=row["sealed"],
        fingerprint=row["fingerprint"],
        weak=row["weak"],
        made_at=row["made_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
    )
