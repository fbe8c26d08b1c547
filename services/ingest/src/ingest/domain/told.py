"""What systems tell beside touches: who told it when, and the event that is recorded of it.

``spending``, ``consents`` and ``knowledge`` make these; the doors for systems keep them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import AfterValidator, AwareDatetime, ValidationInfo
from pydantic_core import PydanticCustomError

from contracts.body import Body
from contracts.event import Event, Mode
from contracts.ids import from_words
from contracts.person import Person

AHEAD = timedelta(minutes=5)
"""How far a teller's clock may be ahead of ours."""


def _has_been(at: datetime, told: ValidationInfo) -> datetime:
    now = (told.context or {}).get("now")
    if now is not None and at > now + AHEAD:
        raise PydanticCustomError("ahead", "expected an instant that has been, this one is to come")
    return at


Since = Annotated[AwareDatetime, AfterValidator(_has_been)]
"""Since when something is so; read with the instant of receipt as the context's ``now``."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells, and when."""

    name: str
    """By the token; the source of what names none."""
    secret: bytes
    """The installation's."""
    received_at: datetime
    key: str | None = None
    """The idempotency key of the call, which holds its caller's name too; none where none came."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event that is to be made durable, with the person beside it."""

    record_id: UUID
    event: Event[Body]
    person: Person | None = None


def record_id(
    what: str, said: Mapping[str, Any], at: datetime | None, teller: Teller, place: int
) -> UUID:
    """Return an id that a repeat of the same call finds again.

    With a key it follows from that and the content, so that a key reused in error loses nothing.
    Without one from the content and the instant that it speaks of; where it names none each call
    is a telling of its own, later than the one before.
    """
    content = orjson.dumps(said, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z).decode()
    if teller.key is not None:
        return from_words(what, "key", teller.key, str(place), content)
    if at is not None:
        return from_words(what, "content", content)
    return from_words(what, "received", teller.received_at.isoformat(), str(place), content)


def recorded(
    body: Body, event_id: UUID, at: datetime, teller: Teller, mode: Mode = Mode.LIVE
) -> Event[Body]:
    """Return the event; what is told of the future, by a clock that is fast, was so just now."""
    return Event(
        id=event_id,
        body=body,
        occurred_at=min(at, teller.received_at),
        recorded_at=teller.received_at,
        mode=mode,
        cause=None,
        version=0,
    )
