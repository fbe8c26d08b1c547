"""What a decision read and what it said, as rows that never change. Pure.

The batch makes them in the deciding transaction; as-of, verify and backtest read them. No person
stands in them: bodies and states hold none.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from contracts.body import Body, Part, cloud_type
from contracts.event import Event


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One decision. JSON columns hold canonical text: sorted keys, no spaces, UTC."""

    step: str
    part: int
    decision_no: int
    key: str
    cause: UUID
    cause_type: str
    event: str
    policy: str
    now: datetime
    before: str
    says: str
    after_digest: bytes
    digest: bytes = b""
    """Set when the row gets its number."""

    def is_sound(self) -> bool:
        """Tell whether the row is as it was written."""
        return self.digest == seal_of(self)


def canonical(value: object) -> bytes:
    """Return the one JSON text of a value."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


def state_text(state: Part) -> str:
    """Return the canonical text of a state."""
    return canonical(state.model_dump(mode="json")).decode()


def event_text(event: Event[Any]) -> str:
    """Return the canonical text of an event without person."""
    return canonical(event_fields(event)).decode()


def event_fields(event: Event[Any]) -> Mapping[str, Any]:
    """Return an event's fields, the body beneath ``body``."""
    return {
        "id": str(event.id),
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "mode": event.mode.value,
        "cause": None if event.cause is None else str(event.cause),
        "version": event.version,
        "body": event.body.model_dump(mode="json"),
    }


def said_fields(event: Event[Body], body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return one thing that a decision said; ``body`` is its body's fields as JSON takes them."""
    return {
        "id": str(event.id),
        "type": cloud_type(type(event.body)),
        "occurred_at": event.occurred_at,
        "mode": event.mode,
        "body": body,
    }


def says_text(said: Sequence[Mapping[str, Any]]) -> str:
    """Return the canonical text of all that a decision said."""
    return canonical(list(said)).decode()


def short_digest(text: str) -> bytes:
    """Return 16 bytes that stand for a text."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def sealed(row: HistoryRow, decision_no: int) -> HistoryRow:
    """Return the row under its number, with the digest over all that it holds."""
    return replace(row, decision_no=decision_no, digest=_seal(row, decision_no))


def seal_of(row: HistoryRow) -> bytes:
    """Return 16 bytes over every column, its place included; parts cannot run into each other."""
    return _seal(row, row.decision_no)


def _seal(row: HistoryRow, decision_no: int) -> bytes:
    kept = hashlib.blake2b(digest_size=16)
    for part in (
        row.step, row.part, decision_no, row.key, row.cause, row.cause_type, row.event,
        row.policy, row.now, row.before, row.says, row.after_digest,
    ):  # fmt: skip
        raw = part if isinstance(part, bytes) else _text(part).encode()
        kept.update(len(raw).to_bytes(4, "big"))
        kept.update(raw)
    return kept.digest()


def _text(part: object) -> str:
    return part.isoformat() if isinstance(part, datetime) else str(part)


def type_name(body: Part) -> str:
    """Return the name under which history finds the type of a cause again."""
    return cloud_type(type(body)) if isinstance(body, Body) else type(body).__name__
