"""The sources in force, kept in memory, so that PostgreSQL away alone stops no sender.

Doors ask ``at``; the worker keeps the book of versions fresh.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from chassis.policies.versions import PolicyBook, Version
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
        return Sources(
            policy,
            {
                name: tuple(self._secrets(name, source.secrets))
                for name, source in policy.sources.items()
            },
        )

    def _secrets(self, name: str, references: tuple[str, ...]) -> list[bytes]:
        found = []
        for reference in references:
            try:
                found.append(self._read_secret(reference))
            except LookupError as problem:
                reason = type(problem).__name__
                log.error("source.secret", source=name, reason=reason)  # noqa: TRY400 - no bug of ours
        return found
