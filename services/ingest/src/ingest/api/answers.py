"""What a door needs and how it answers: the touch's id on every answer that accepts one.

Doors of each kind of sender use it. Refusals are problem+json and never repeat what was sent.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from fastapi import Request

from chassis.database import Database
from chassis.http.problem import FieldError, Problem, ProblemKind
from ingest.api.limiting import Limiter
from ingest.domain.attempt import Why
from ingest.domain.page import on_this_machine
from ingest.domain.secrets import Sealer
from ingest.domain.source import Source
from ingest.domain.touch import Door, Taken
from ingest.settings import IngestSettings
from ingest.store.attempts import Attempts
from ingest.store.in_force import InForce, Sources
from ingest.store.keeping import Keeper
from ingest.store.reception import Reception

TOUCH_ID = "X-Baton-Touch-Id"
_KEY = "idempotency-key"
_KEY_FORM = re.compile(r"[\x21-\x7e]{1,255}")
_PAUSED_S = "300"


@dataclass(frozen=True, slots=True)
class Desk:
    """What every door shares."""

    settings: IngestSettings
    reception: Reception
    sealer: Sealer
    limiter: Limiter

    @property
    def in_force(self) -> InForce:
        """Return the sources that are in force."""
        return self.reception.in_force

    @property
    def attempts(self) -> Attempts:
        """Return the notes of what sources sent."""
        return self.reception.attempts

    @property
    def database(self) -> Database:
        """Return ingest's database."""
        return self.reception.database

    @property
    def keeper(self) -> Keeper:
        """Return what makes events durable."""
        return self.reception.keeper

    async def now(self) -> datetime:
        """Return the time."""
        return await self.reception.now()

    def sources(self, now: datetime) -> Sources:
        """Return the sources in force. Raises Problem 503 before any is known."""
        sources = self.reception.in_force.at(now)
        if sources is None:
            raise Problem(
                ProblemKind.UNAVAILABLE,
                "No policy of sources is in force yet.",
                headers={"Retry-After": "1"},
            )
        return sources

    async def sources_with(self, source_id: str, now: datetime) -> Sources:
        """Return the sources in force, one of them of this id. Raises Problem 404, 503.

        One that is not known may just have been made, so that PostgreSQL is asked first.
        """
        sources = self.sources(now)
        if sources.get(source_id) is not None:
            return sources
        certain = await self.in_force.looked()
        sources = self.sources(now)
        if sources.get(source_id) is not None:
            return sources
        if not certain:
            raise Problem(
                ProblemKind.UNAVAILABLE,
                "Whether there is such a source cannot be told at the moment.",
                headers={"Retry-After": "1"},
            )
        raise Problem(
            ProblemKind.NOT_FOUND,
            "There is no such source.",
            way_out="Check the address: baton sources list shows those there are.",
        )

    def walk(self, page: str, taken: Taken) -> str:
        """Return the address of a thank-you page; in development a local one tells the touch."""
        if self.settings.production or not on_this_machine(page):
            return page
        parts = urlsplit(page)
        if parts.path == "/walk" and self.settings.insights_public_url is not None:
            shown = urlsplit(self.settings.insights_public_url)
            parts = parts._replace(scheme=shown.scheme, netloc=shown.netloc)
        query = f"{parts.query}&" if parts.query else ""
        return urlunsplit(parts._replace(query=f"{query}touch={taken.touch_id}"))


class NotTaken(Problem):
    """A problem of a sender's request that its source shows by a word of its own."""

    def __init__(
        self,
        why: str,
        kind: ProblemKind,
        detail: str,
        *,
        way_out: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind, detail, way_out=way_out, errors=errors, headers=headers)
        self.why = why


def found(sources: Sources, source_id: str) -> Source:
    """Return a source that takes touches now. Raises Problem 503 for one switched off."""
    source = sources.get(source_id)
    if source is None or not source.enabled:
        # A sender tries again later; a 404 or 410 would make some switch the webhook off for good.
        raise NotTaken(
            Why.SWITCHED_OFF,
            ProblemKind.UNAVAILABLE,
            "The source is switched off.",
            way_out="Set `enabled: true` on the source, or stop sending.",
            headers={"Retry-After": _PAUSED_S},
        )
    return source


def opened(desk: Desk, sources: Sources, source_id: str, now: datetime, request: Request) -> Door:
    """Return through which source a touch comes in. Raises Problem."""
    key = request.headers.get(_KEY)
    if key is not None and not _KEY_FORM.fullmatch(key):
        raise Problem(
            ProblemKind.BAD_REQUEST,
            "Idempotency-Key: expected 1 to 255 printable ASCII characters without spaces.",
        )
    return desk.reception.door(sources, source_id, found(sources, source_id), now, key)
