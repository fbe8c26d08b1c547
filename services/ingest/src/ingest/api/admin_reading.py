"""What is read for the operators' pages of sources: rows and the policy, put together.

``admin`` calls it. It asks PostgreSQL each time, so that what another instance changed is seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from chassis.database import Tx
from chassis.http.problem import Problem, ProblemKind
from ingest.api.admin_views import (
    Origin,
    SourceLine,
    SourceView,
    attempts_of,
    counts_of,
    line_of,
    rest_of,
)
from ingest.api.answers import Desk
from ingest.domain.added import Added
from ingest.domain.source import Source
from ingest.store import counts, sources
from ingest.store.counts import Life


@dataclass(frozen=True, slots=True)
class _Found:
    """A source wherever it stands."""

    id: str
    source: Source
    added: Added | None


@dataclass(frozen=True, slots=True)
class _Counted:
    """What sources showed of themselves."""

    today: date
    lives: Mapping[str, Life]
    days: Mapping[str, Mapping[date, Mapping[str, int]]]


async def lines(desk: Desk) -> list[SourceLine]:
    """Return every source's line, by id. Raises Problem 503 before a policy is in force."""
    policy = desk.sources(await desk.now()).policy.sources
    async with desk.database.transaction() as tx:
        await counts.steady(tx)
        added = [each for each in await sources.every(tx) if each.id not in policy]
        every = [_Found(name, source, None) for name, source in policy.items()]
        every += [found for each in added if (found := _found(each)) is not None]
        counted = await _counted(tx, [each.id for each in every], 1)
    every.sort(key=lambda each: each.id)
    return [SourceLine(**_line(desk, each, counted)) for each in every]


async def view(tx: Tx, desk: Desk, source_id: str) -> SourceView:
    """Return a source's whole view. Raises Problem 404, and 503 before a policy is in force."""
    source = desk.sources(await desk.now()).policy.sources.get(source_id)
    added = None if source is not None else await sources.one(tx, source_id)
    found = _found(added) if added is not None else None
    if source is not None:
        found = _Found(source_id, source, None)
    if found is None:
        raise Problem(
            ProblemKind.NOT_FOUND,
            "There is no such source.",
            way_out="GET /v1/admin/ingest/sources lists all there are.",
        )
    counted = await _counted(tx, [source_id], counts.DAYS)
    attempts = await counts.attempts(tx, source_id)
    days = counted.days.get(source_id, {})
    return SourceView(
        **_line(desk, found, counted),
        **rest_of(found.source, found.added),
        days=[counts_of(day, what) for day, what in days.items()],
        attempts=attempts_of(attempts),
    )


def url_of(desk: Desk, source_id: str) -> str:
    """Return the address to paste at the sender's."""
    return f"{desk.settings.public_url.rstrip('/')}/v1/sources/{source_id}"


def _found(added: Added) -> _Found | None:
    """Return a source of the API; None where a newer release made what this one cannot read."""
    try:
        return _Found(added.id, added.source(), added)
    except ValidationError:
        return None


async def _counted(tx: Tx, ids: Sequence[str], days: int) -> _Counted:
    row = await tx.fetch_one("SELECT (clock_now() AT TIME ZONE 'UTC')::date AS today")
    assert row is not None  # noqa: S101 - SELECT of a function gives a row
    today: date = row["today"]
    return _Counted(today, await counts.lives(tx, ids), await counts.days(tx, ids, today, days))


def _line(desk: Desk, found: _Found, counted: _Counted) -> dict[str, Any]:
    days = counted.days.get(found.id, {})
    today = counts_of(counted.today, days.get(counted.today, {}))
    life = counted.lives.get(found.id, Life())
    origin = Origin.POLICY if found.added is None else Origin.API
    return line_of(found.id, found.source, origin, url_of(desk, found.id), (life, today))
