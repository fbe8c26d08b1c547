"""The sources in force, kept in memory, so that PostgreSQL away alone stops no sender.

Doors ask ``at``; the worker keeps the book of versions fresh.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from chassis.policies.versions import PolicyBook, Version
from ingest.domain.kinds.kind import Credentials
from ingest.domain.source import Source
from ingest.domain.sources import SourcesPolicy

log = structlog.get_logger()

_KIND = "sources"


@dataclass(frozen=True, slots=True)
class Sources:
    """One version, with the secrets that it points to."""

    policy: SourcesPolicy
    secrets: Mapping[str, tuple[bytes, ...]]
    """By source; those that could be read."""
    named: Mapping[str, Mapping[str, bytes]]
    """By source and by the place in it; those that could be read."""

    def credentials(self, source_id: str) -> Credentials:
        """Return the secrets of a source."""
        return Credentials(self.secrets.get(source_id, ()), self.named.get(source_id, {}))

    def ids(self) -> Sequence[str]:
        """Return the ids of all sources."""
        return tuple(self.policy.sources)

    def get(self, source_id: str) -> Source | None:
        """Return a source, or None where there is no such one."""
        found: Source | None = self.policy.sources.get(source_id)
        return found


class InForce:
    """Builds a version once and hands it out as long as it holds."""

    def __init__(self, book: PolicyBook, read_secret: Callable[[str], bytes]) -> None:
        """Read from the process' book of versions; ``read_secret`` raises LookupError."""
        self._book = book
        self._read_secret = read_secret
        self._hash = ""
        self._sources: Sources | None = None

    def at(self, now: datetime) -> Sources | None:
        """Return the sources in force at ``now``, or None before the first version is known."""
        version = self._book.in_force(_KIND, now)
        if version is None:
            # The clock here may lag behind PostgreSQL's by a moment when the first one is made.
            version = next(iter(self._book.versions(_KIND)), None)
        if version is not None and version.hash != self._hash:
            self._sources = self._built(version)
            self._hash = version.hash
        return self._sources

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
            reason = type(problem).__name__
            log.error("source.secret", source=name, reason=reason)  # noqa: TRY400 - no bug of ours
            return None
