"""A source that was made by the API, as values: its content, its secrets, and a change of it.

The API makes them, ``store.sources`` keeps them, ``store.in_force`` hands them to doors. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from ingest.domain.secrets import place_of
from ingest.domain.source import STORED, Source
from ingest.domain.sources import ONE, SourcesPolicy

ACTIVE: Final = 2
"""Secrets that may hold at once: the old one and the new while they are changed."""
SIGNING: Final = "signing"
"""Stands for the secrets that hold now; their number is no part of the content."""
CONTEXT: Final = {STORED: True}
_APART = frozenset({"kind", "secrets"})


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A secret as the table has it, sealed."""

    id: UUID
    source: str
    name: str | None
    """None: it proves the sender. Else the name that the config gives it: stored:NAME."""
    sealed: bytes = field(repr=False)
    fingerprint: str
    weak: bool
    made_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None

    @property
    def place(self) -> str:
        """Where it is sealed to."""
        return place_of(self.source, self.id, self.name)

    def with_weak(self, weak: bool, expires_at: datetime | None = None) -> "StoredSecret":  # noqa: FBT001 - a column
        """Return it with what is known of its strength, and with its end."""
        return replace(self, weak=weak, expires_at=expires_at)

    def holds(self, now: datetime) -> bool:
        """Tell whether it counts at ``now``."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True)
class Added:
    """A source that was made by the API."""

    id: str
    kind: str
    config: Mapping[str, Any]
    version: int
    """Grows with each change."""
    made_at: datetime
    changed_at: datetime
    secrets: tuple[StoredSecret, ...] = ()

    def source(self) -> Source:
        """Return it as the doors know it. Raises ValidationError."""
        return ONE.validate_python(content_of(self.kind, self.config), context=CONTEXT)

    def active(self, now: datetime) -> tuple[StoredSecret, ...]:
        """Return the secrets that prove its sender at ``now``."""
        return tuple(each for each in self.secrets if each.name is None and each.holds(now))


def content_of(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a source as the policy would have it."""
    return {**config, "kind": kind, "secrets": [f"{STORED}:{SIGNING}"]}


def checked(
    source_id: str, kind: str, config: Mapping[str, Any], policy: SourcesPolicy
) -> tuple[Source, dict[str, Any]]:
    """Return a source and its config in canonical form, held to all rules of the policy's file.

    Raises ValidationError.
    """
    beside = policy.content()
    whole = SourcesPolicy.model_validate(
        {
            "policy": "sources",
            "sources": {source_id: content_of(kind, config)},
            "channels": beside.get("channels", ()),
        },
        context=CONTEXT,
    )
    source: Source = whole.sources[source_id]
    content = source.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return source, {name: value for name, value in content.items() if name not in _APART}


def merged(config: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return a config with a patch: objects are merged, null takes away (RFC 7396)."""
    changed = dict(config)
    for name, value in patch.items():
        if value is None:
            changed.pop(name, None)
        elif isinstance(value, Mapping):
            before = changed.get(name)
            changed[name] = merged(before if isinstance(before, Mapping) else {}, value)
        else:
            changed[name] = value
    return changed


def named_in(config: Any) -> frozenset[str]:  # noqa: ANN401 - JSON's values
    """Return the names behind ``stored:`` anywhere in a config."""
    if isinstance(config, Mapping):
        return frozenset().union(*(named_in(each) for each in config.values()))
    if isinstance(config, list | tuple):
        return frozenset().union(*(named_in(each) for each in config))
    if isinstance(config, str) and config.startswith(f"{STORED}:"):
        return frozenset({config.removeprefix(f"{STORED}:")})
    return frozenset()
