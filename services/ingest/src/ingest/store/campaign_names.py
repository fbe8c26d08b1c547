"""Names of campaigns that rows of spend told, in memory so that no touch waits for PostgreSQL.

The door for systems tells them, the bookkeeper reads what other instances were told.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import structlog

from chassis.database import Database, Tx, is_passing

log = structlog.get_logger()

_WITHIN_S = 1.0
MOST = 20_000
_OVERLAP = timedelta(minutes=1)
"""Read again each time: an older transaction may end after a newer one."""


class CampaignNames:
    """The names by the campaigns' ids."""

    def __init__(self) -> None:
        """Know none yet."""
        self._names: dict[str, str] = {}
        self._seen = datetime(2000, 1, 1, tzinfo=UTC)

    @property
    def known(self) -> Mapping[str, str]:
        """The names that are known here; at most ``MOST``, the latest told."""
        return self._names

    def take(self, names: Mapping[str, str]) -> None:
        """Know names here; the one told last counts."""
        for campaign_id, name in names.items():
            self._names.pop(campaign_id, None)
            self._names[campaign_id] = name
        while len(self._names) > MOST:
            self._names.pop(next(iter(self._names)))

    async def refresh(self, tx: Tx) -> None:
        """Read what was told since the last look."""
        rows = await tx.fetch(
            "SELECT id, name, told_at FROM campaign_name WHERE told_at > $1 "
            "ORDER BY told_at DESC LIMIT $2",
            self._seen,
            MOST,
        )
        if not rows:
            return
        self._seen = rows[0]["told_at"] - _OVERLAP
        self.take({row["id"]: row["name"] for row in reversed(rows)})


async def remember(database: Database, names: CampaignNames, told: Mapping[str, str]) -> None:
    """Know names here and, by the table, in every instance; here alone while PostgreSQL is away."""
    if not told:
        return
    names.take(told)
    ids = sorted(told)
    try:
        async with asyncio.timeout(_WITHIN_S), database.transaction() as tx:
            await tx.execute(
                "INSERT INTO campaign_name (id, name) "
                "SELECT * FROM unnest($1::text[], $2::text[]) "
                "ON CONFLICT (id) DO UPDATE SET name = excluded.name, told_at = clock_timestamp() "
                "WHERE campaign_name.name <> excluded.name",
                ids,
                [told[each] for each in ids],
            )
    except Exception as error:
        if not is_passing(error):
            raise
        log.warning("campaign_names.not_kept", error=type(error).__name__)
