"""The sources in force, kept in memory, so that PostgreSQL away alone stops no sender.

Doors ask ``at``; the worker keeps the book of versions and the sources made by the API fresh. Where
a source is not known, doors have it ask PostgreSQL before they say so (``looked``).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog
from pydantic import ValidationError

from chassis.database import Database, Tx, is_passing
from chassis.policies.versions import PolicyBook, Version
from contracts.amounts import Limit
from ingest.domain.added import Added, StoredSecret
from ingest.domain.kinds.kind import Credentials
from ingest.domain.limits import taken
from ingest.domain.secrets import CannotOpen, Sealer
from ingest.domain.source import STORED, Source
from ingest.domain.sources import SourcesPolicy
from ingest.store import sources as rows

log = structlog.get_logger()

_KIND = "sources"
_LOOKS: Final = Limit.parse("20 per 1s")
"""How often unknown ids and wrong keys may make an instance ask PostgreSQL."""
_WITHIN_S = 1.0
_NS = 1_000_000_000
_ANY_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Held:
    """A secret of a source that was made by the API, ready to compare with."""

    id: UUID
    value: bytes = field(repr=False)
    expires_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Tell whether it counts at ``now``."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True)
class Ready:
    """A source that was made by the API, as doors use it."""

    source: Source
    keys: tuple[Held, ...]
    """The newest first: challenges are signed by it."""
    named: Mapping[str, bytes] = field(repr=False)
    """By the place in the source that points to it."""


@dataclass(frozen=True, slots=True)
class Sources:
    """One version of the policy and one state of what the API made, with their secrets."""

    policy: SourcesPolicy
    secrets: Mapping[str, tuple[bytes, ...]]
    """By source of the policy; those that could be read."""
    named: Mapping[str, Mapping[str, bytes]]
    """By source of the policy and by the place in it; those that could be read."""
    added: Mapping[str, Ready] = field(default_factory=dict)
    """By id. A source of the policy comes before one of the same id here."""

    def ids(self) -> Sequence[str]:
        """Return the ids of all sources."""
        return tuple(self.every())

    def get(self, source_id: str) -> Source | None:
        """Return a source, or None where there is no such one."""
        found: Source | None = self.policy.sources.get(source_id)
        if found is None and (ready := self.added.get(source_id)) is not None:
            return ready.source
        return found

    def every(self) -> Mapping[str, Source]:
        """Return all sources by id, those of the API too."""
        added = {name: ready.source for name, ready in self.added.items()}
        return {**added, **self.policy.sources}

    def is_added(self, source_id: str) -> bool:
        """Tell whether the source is one of the API's."""
        return source_id not in self.policy.sources and source_id in self.added

    def credentials(self, source_id: str) -> Credentials:
        """Return the secrets of a source that hold now."""
        if self.is_added(source_id):
            keys = tuple(each.value for each in self.keys(source_id))
            return Credentials(keys, self.added[source_id].named)
        return Credentials(self.secrets.get(source_id, ()), self.named.get(source_id, {}))

    def keys(self, source_id: str) -> tuple[Held, ...]:
        """Return the stored secrets of a source that hold now; of the policy's none."""
        return self.added[source_id].keys if self.is_added(source_id) else ()


class InForce:
    """Builds what is in force once and hands it out as long as it holds."""

    def __init__(
        self,
        book: PolicyBook,
        read_secret: Callable[[str], bytes],
        database: Database,
        sealer: Sealer,
    ) -> None:
        """Read from the process' book of versions; ``read_secret`` raises LookupError."""
        self._book = book
        self._read_secret = read_secret
        self._database = database
        self._sealer = sealer
        self._hash = ""
        self._sources: Sources | None = None
        self._changes = -1
        self._added: Mapping[str, Ready] = {}
        self._until: datetime | None = None
        """Until when the secrets that were handed out hold."""
        self._look = asyncio.Lock()
        self._looked_at = self._failed_at = float("-inf")
        self._full_at_ns = 0

    def at(self, now: datetime) -> Sources | None:
        """Return the sources in force at ``now``, or None before the first version is known."""
        version = self._book.in_force(_KIND, now)
        if version is None:
            # The clock here may lag behind PostgreSQL's by a moment when the first one is made.
            version = next(iter(self._book.versions(_KIND)), None)
        if version is not None and version.hash != self._hash:
            self._sources = self._built(version)
            self._hash = version.hash
            self._until = now
        if self._sources is not None and self._until is not None and now >= self._until:
            self._sources = replace(self._sources, added=self._holding(now))
        return self._sources

    def _holding(self, now: datetime) -> Mapping[str, Ready]:
        """Return what the API made with the secrets that hold, until the next of them ends."""
        ends = [
            each.expires_at
            for ready in self._added.values()
            for each in ready.keys
            if each.expires_at is not None and each.expires_at > now
        ]
        self._until = min(ends, default=None)
        return {
            name: replace(ready, keys=tuple(each for each in ready.keys if each.holds(now)))
            for name, ready in self._added.items()
        }

    async def refresh(self, tx: Tx, changes: int | None = None) -> None:
        """Read what the API made, where ``changes`` tells that there is something new."""
        if changes is None:
            changes = await rows.changes(tx)
        if changes == self._changes:
            return
        self._added = {
            each.id: ready
            for each in await rows.every(tx)
            if (ready := self._ready(each)) is not None
        }
        self._changes = changes
        self._until = _ANY_TIME

    async def looked(self) -> bool:
        """Ask PostgreSQL what the API made, now; tell whether that is known for certain.

        At most some times a second in all, so that nobody hammers PostgreSQL with unknown ids:
        who comes too soon waits for the next turn, and who comes while another asks shares it.
        """
        asked_at = _now()
        async with self._look:
            if self._looked_at >= asked_at:
                return True
            if asked_at - self._failed_at < _WITHIN_S:
                return False
            await self._turn()
            began = _now()
            try:
                async with asyncio.timeout(_WITHIN_S), self._database.transaction() as tx:
                    await self.refresh(tx)
            except Exception as error:
                if not is_passing(error):
                    raise
                self._failed_at = _now()
                return False
            self._looked_at = began
            return True

    async def _turn(self) -> None:
        """Return when PostgreSQL may be asked again."""
        wait = 1
        while wait:
            self._full_at_ns, wait = taken(self._full_at_ns, int(_now() * _NS), _LOOKS)
            if wait:
                await asyncio.sleep(wait / _NS)

    def _built(self, version: Version) -> Sources:
        policy = SourcesPolicy.model_validate(version.content)
        secrets: dict[str, tuple[bytes, ...]] = {}
        named: dict[str, Mapping[str, bytes]] = {}
        for name, source in policy.sources.items():
            read = [self._secret(name, reference) for reference in source.secrets]
            secrets[name] = tuple(each for each in read if each is not None)
            beside = {at: self._secret(name, ref) for at, ref in source.references().items()}
            named[name] = {at: each for at, each in beside.items() if each is not None}
        return Sources(policy, secrets, named)

    def _secret(self, name: str, reference: str) -> bytes | None:
        try:
            return self._read_secret(reference)
        except LookupError as problem:
            _unread(name, problem)
            return None

    def _ready(self, added: Added) -> Ready | None:
        try:
            source = added.source()
        except ValidationError as error:
            # A newer release may have made it; this one knows what it lacks by the field's name.
            places = [".".join(map(str, each["loc"])) for each in error.errors(include_input=False)]
            log.error("source.unread", source=added.id, reasons=places[:5])  # noqa: TRY400
            return None
        opened = [(each, self._opened(each)) for each in added.secrets]
        named = {each.name: value for each, value in opened if each.name and value is not None}
        beside = {at: ref.removeprefix(f"{STORED}:") for at, ref in source.references().items()}
        return Ready(
            source,
            tuple(
                Held(each.id, value, each.expires_at)
                for each, value in reversed(opened)
                if each.name is None and value is not None
            ),
            {at: named[name] for at, name in beside.items() if name in named},
        )

    def _opened(self, secret: StoredSecret) -> bytes | None:
        try:
            return self._sealer.opened(secret.sealed, secret.place)
        except CannotOpen as problem:
            _unread(secret.source, problem)
            return None


def _unread(source_id: str, problem: LookupError) -> None:
    log.error("source.secret", source=source_id, reason=type(problem).__name__)


def _now() -> float:
    return asyncio.get_running_loop().time()
