"""What the operators' page of a source shows: never a secret, never anything about a person.

``admin`` asks for these; they are put together from the sources in force and their counts.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from ingest.domain.added import Added, StoredSecret
from ingest.domain.attempt import Attempt, Outcome, What
from ingest.domain.limits import DEFAULT
from ingest.domain.source import Source
from ingest.store.counts import Life

_DEMO = "demo:"
_TOUCHES = frozenset(each.value for each in What)


class Origin(StrEnum):
    """Where a source stands."""

    POLICY = "policy"
    """In the policy of sources: config/sources.yaml."""
    API = "api"
    """It was made by the API."""


class GoodTouch(BaseModel):
    """The last touch that was taken and was no test."""

    at: datetime
    touch_id: UUID | None


class DayCounts(BaseModel):
    """What a source sent on one day, UTC. A touch counts once, as one of the first five."""

    day: date
    taken: int = 0
    """Real touches. ``taken`` and ``spam`` together are what the platform's own page counts."""
    spam: int = 0
    tests: int = 0
    erasures: int = 0
    """Requests that somebody be forgotten."""
    repeats: int = 0
    """Sent again and counted already; an instance remembers its last 20,000 touches."""
    refused: Mapping[str, int] = {}
    """Requests that were not taken, by reason."""


class AttemptView(BaseModel):
    """One request; no address, no body, no secret."""

    at: datetime
    outcome: Outcome
    why: str | None
    status: int
    touch_id: UUID | None
    bytes: int


class SecretView(BaseModel):
    """A stored secret, by all but its value."""

    id: UUID
    name: str | None
    """None: it proves the sender. Else what the config calls ``stored:NAME``."""
    fingerprint: str
    """Eight hexadecimal digits to tell secrets apart."""
    weak: bool
    """It is worth less than 128 bits, and was taken because the platform dictates it."""
    made_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    """To the minute; none before the first use."""


class SourceLine(BaseModel):
    """A source in the list."""

    id: str
    kind: str
    label: str
    origin: Origin
    enabled: bool
    url: str
    """The address to paste at the sender's."""
    last_good_touch: GoodTouch | None
    today: DayCounts
    expect: str | None
    silent_since: datetime | None
    """When it was noticed to be quieter than ``expect``; none while it is not."""


class SourceView(SourceLine):
    """A source whole."""

    config: dict[str, Any]
    limit: str
    """Proved requests that one instance takes; beyond it 503 and Retry-After."""
    version: int | None
    """Grows with each change by the API; none for a source of the policy."""
    made_at: datetime | None
    changed_at: datetime | None
    secrets: list[SecretView]
    """Those stored by the API; of a source of the policy see ``references``."""
    references: list[str]
    """Where the policy says that the secrets stand."""
    days: list[DayCounts]
    """The last 90 days, newest first; days without anything are left out."""
    attempts: list[AttemptView]
    """The last hundred, newest first, refused ones too. Up to a second late."""


class SourceMade(SourceView):
    """A source that was just made."""

    secret: str | None
    """The secret that was made for it. Shown this once, and to nobody again."""


class SecretMade(SecretView):
    """A secret that was just added."""

    secret: str | None
    """Its value where it was made here. Shown this once, and to nobody again."""


def line_of(
    source_id: str, source: Source, origin: Origin, url: str, told: "tuple[Life, DayCounts]"
) -> dict[str, Any]:
    """Return the fields of a source's line."""
    life, today = told
    touch = None if life.last_at is None else GoodTouch(at=life.last_at, touch_id=life.touch_id)
    return {
        "id": source_id,
        "kind": source.kind,
        "label": source.label,
        "origin": origin,
        "enabled": source.enabled,
        "url": url,
        "last_good_touch": touch,
        "today": today,
        "expect": None if source.expect is None else str(source.expect.at_least),
        "silent_since": life.silent_since,
    }


def rest_of(source: Source, added: Added | None) -> dict[str, Any]:
    """Return what a source shows beside its line, its counts left out."""
    content = source.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    references = [] if added is not None else [_shown(each) for each in source.secrets]
    config = {name: value for name, value in content.items() if name not in {"kind", "secrets"}}
    return {
        "config": _without_demo(config),
        "limit": str(source.limit or DEFAULT),
        "version": None if added is None else added.version,
        "made_at": None if added is None else added.made_at,
        "changed_at": None if added is None else added.changed_at,
        "secrets": [] if added is None else [secret_of(each) for each in added.secrets],
        "references": references,
    }


def secret_of(secret: StoredSecret) -> SecretView:
    """Return a secret without its value."""
    return SecretView(
        id=secret.id,
        name=secret.name,
        fingerprint=secret.fingerprint,
        weak=secret.weak,
        made_at=secret.made_at,
        expires_at=secret.expires_at,
        last_used_at=secret.last_used_at,
    )


def counts_of(day: date, counted: Mapping[str, int]) -> DayCounts:
    """Return a day's counts."""
    return DayCounts(
        day=day,
        taken=counted.get(What.TAKEN, 0),
        spam=counted.get(What.SPAM, 0),
        tests=counted.get(What.TEST, 0),
        erasures=counted.get(What.ERASURE, 0),
        repeats=counted.get(What.REPEAT, 0),
        refused={what: n for what, n in sorted(counted.items()) if what not in _TOUCHES},
    )


def attempts_of(attempts: Sequence[Attempt]) -> list[AttemptView]:
    """Return attempts as they are shown."""
    return [
        AttemptView(
            at=each.at,
            outcome=each.outcome,
            why=each.why,
            status=each.status,
            touch_id=each.touch_id,
            bytes=each.size,
        )
        for each in attempts
    ]


def _shown(reference: str) -> str:
    """Return a reference; what stands behind ``demo:`` is a secret itself."""
    return f"{_DEMO}…" if reference.startswith(_DEMO) else reference


def _without_demo(value: Any) -> Any:  # noqa: ANN401 - JSON's values
    if isinstance(value, str):
        return _shown(value)
    if isinstance(value, Mapping):
        return {name: _without_demo(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_demo(each) for each in value]
    return value
