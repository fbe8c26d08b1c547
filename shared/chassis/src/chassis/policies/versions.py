"""Versions of policies: stored as they are heard, in force by PostgreSQL's clock.

A decision reads the versions in force at its now and names them by hash. One book a process;
the batch tells it when there is more to read.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import orjson

from chassis.database import Tx, Unavailable
from chassis.lanes.step import PolicyNeed
from contracts.events.policies import PolicyPublished

P = TypeVar("P")

NO_POLICY = "-"
"""Stands in history where a step decides without a policy."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one kind."""

    kind: str
    hash: str
    active_from: datetime
    content: Mapping[str, Any]
    author: str
    source: str


class PolicyMissing(Unavailable):
    """No version of a kind is in force yet; the lane waits for it."""


class PolicyBook:
    """All versions that this service has heard of, and what was built from them."""

    def __init__(self) -> None:
        """Begin empty; ``refresh`` reads."""
        self._versions: dict[str, list[Version]] = {}
        self._by_hash: dict[tuple[str, str], Version] = {}
        self._built: dict[tuple[int, str], Any] = {}
        self.count = -1

    async def refresh(self, tx: Tx, count: int) -> None:
        """Read all versions again where ``count`` tells that there are others."""
        if count == self.count:
            return
        rows = await tx.fetch(
            "SELECT kind, hash, active_from, content, author, source FROM policy_version "
            "ORDER BY kind, active_from, hash"
        )
        self.take(
            [
                Version(
                    row["kind"],
                    row["hash"],
                    row["active_from"],
                    orjson.loads(row["content"]),
                    row["author"],
                    row["source"],
                )
                for row in rows
            ]
        )

    def take(self, versions: Sequence[Version]) -> None:
        """Hold exactly these versions, sorted by kind, instant and hash."""
        self._versions = {}
        for version in versions:
            self._versions.setdefault(version.kind, []).append(version)
            self._by_hash[version.kind, version.hash] = version
        self.count = len(versions)

    def versions(self, kind: str) -> Sequence[Version]:
        """Return the versions of a kind, oldest first."""
        return tuple(self._versions.get(kind, ()))

    def in_force(self, kind: str, now: datetime) -> Version | None:
        """Return the version of a kind that holds at ``now``."""
        known = self._versions.get(kind, [])
        at = bisect_right(known, now, key=lambda version: version.active_from)
        return known[at - 1] if at else None

    def need(self, need: PolicyNeed[P] | None, now: datetime) -> tuple[P | None, str]:
        """Return what a step's decisions read at ``now`` and the hashes that name it.

        Raises PolicyMissing where a kind has no version in force.
        """
        if need is None:
            return None, NO_POLICY
        found = []
        for kind in need.kinds:
            version = self.in_force(kind, now)
            if version is None:
                raise PolicyMissing(f"no {kind} policy is in force yet")
            found.append(version)
        return self._build(need, found)

    def need_by_hash(self, need: PolicyNeed[P] | None, named: str) -> P | None:
        """Return what a recorded decision read. Raises KeyError for an unknown version."""
        if need is None or named == NO_POLICY:
            return None
        pairs = [pair.partition("@") for pair in named.split()]
        return self._build(need, [self._by_hash[kind, hashed] for kind, _, hashed in pairs])[0]

    def _build(self, need: PolicyNeed[P], versions: Sequence[Version]) -> tuple[P, str]:
        named = " ".join(f"{version.kind}@{version.hash}" for version in versions)
        key = (id(need.build), named)
        if key not in self._built:
            contents = {version.kind: version.content for version in versions}
            hashes = {version.kind: version.hash for version in versions}
            self._built[key] = need.build(contents, hashes)
        built: P = self._built[key]
        return built, named


async def store_version(tx: Tx, body: PolicyPublished, recorded_at: datetime) -> bool:
    """Keep a version that was published or heard; False where it is known already."""
    touched = await tx.execute(
        "INSERT INTO policy_version (kind, hash, active_from, content, author, source, "
        "recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        body.kind.value,
        body.hash,
        body.active_from,
        orjson.dumps(dict(body.content), option=orjson.OPT_SORT_KEYS).decode(),
        body.author,
        body.origin.value,
        recorded_at,
    )
    return touched > 0
