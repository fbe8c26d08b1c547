"""Says when a source falls silent and when it is heard again, once each. SQL's room.

The worker calls it every few seconds in a transaction; of several instances one watches. The rule
is ``domain.silence``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chassis.database import Row, Tx
from contracts.amounts import Limit
from contracts.body import Body
from contracts.events.sources import SourceHeard, SourceSilent
from contracts.ids import from_words
from ingest.domain.silence import Turned, Watched, counted_from, turned
from ingest.domain.source import Source
from ingest.store.spool import SpoolOutlet

_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('silence'), hashtext(current_schema())) AS mine"


@dataclass(frozen=True, slots=True)
class _Seen:
    """One source's row, and what it is held to."""

    source: str
    expect: Limit
    watched: Watched
    heard_before: datetime | None


@dataclass(frozen=True, slots=True)
class Look:
    """What a look for silence found."""

    said: int = 0
    """How many turns were said."""
    silent: frozenset[str] = frozenset()
    """The sources that are silent now."""


async def watch(
    tx: Tx, sources: Mapping[str, Source], policies: Mapping[str, str], now: datetime
) -> Look | None:
    """Judge every source that has ``expect`` and is on; None: another instance does.

    ``policies`` are the versions that say what is expected, kind to hash.
    """
    mine = await tx.fetch_one(_LOCK)
    if mine is None or not mine["mine"]:
        return None
    expected = {
        name: source.expect.at_least
        for name, source in sources.items()
        if source.expect is not None and source.enabled
    }
    await _begin_watching(tx, list(expected), now)
    said, silent = 0, set()
    for row in await tx.fetch("SELECT * FROM source_heard WHERE source = ANY($1)", list(expected)):
        seen = await _seen(tx, row, expected[row["source"]], now)
        turn = turned(seen.expect, seen.watched, now)
        if turn is not None:
            await _say(tx, seen, turn, policies, now)
            said += 1
        if turn is Turned.SILENT or (seen.watched.silent and turn is None):
            silent.add(seen.source)
    return Look(said, frozenset(silent))


async def _begin_watching(tx: Tx, sources: list[str], now: datetime) -> None:
    """A source owes nothing for the time before it was watched, or while it was switched off."""
    await tx.execute(
        "UPDATE source_heard SET watched_since = NULL, silent = false, noticed_at = NULL "
        "WHERE watched_since IS NOT NULL AND source <> ALL($1)",
        sources,
    )
    await tx.execute(
        "INSERT INTO source_heard (source, watched_since) SELECT of, $2 FROM unnest($1::text[]) "
        "AS of ON CONFLICT (source) DO UPDATE SET watched_since = EXCLUDED.watched_since "
        "WHERE source_heard.watched_since IS NULL",
        sources,
        now,
    )


async def _seen(tx: Tx, row: Row, expect: Limit, now: datetime) -> _Seen:
    in_span = 0
    if expect.count > 1:
        counted = await tx.fetch_one(
            "SELECT coalesce(sum(n), 0) AS n FROM source_hour WHERE source = $1 AND hour >= $2",
            row["source"],
            counted_from(expect, now),
        )
        in_span = 0 if counted is None else int(counted["n"])
    watched = Watched(row["watched_since"], row["last_at"], in_span, row["silent"])
    return _Seen(row["source"], expect, watched, row["heard_before"])


async def _say(
    tx: Tx, seen: _Seen, turn: Turned, policies: Mapping[str, str], now: datetime
) -> None:
    silent = turn is Turned.SILENT
    await tx.execute(
        "UPDATE source_heard SET silent = $2, noticed_at = $3, heard_before = $4 WHERE source = $1",
        seen.source,
        silent,
        now if silent else None,
        seen.watched.last_at if silent else None,
    )
    body: Body
    if silent:
        body = SourceSilent(
            source=seen.source,
            last_heard_at=seen.watched.last_at,
            expected=str(seen.expect),
            noticed_at=now,
            policies=policies,
        )
    else:
        heard_at = seen.watched.last_at or now
        body = SourceHeard(source=seen.source, silent_since=seen.heard_before, heard_at=heard_at)
    cause = from_words("source turned", seen.source, turn.value, now.isoformat())
    await SpoolOutlet().say(tx, [body], cause)
