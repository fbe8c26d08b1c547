"""The envelope: an event as everybody in Baton hands it on, and its form on Kafka.

CloudEvents 1.0 in Kafka's binary mode; chassis sends and receives, domains only read ``Event``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from pydantic import ValidationError

from contracts.body import RESERVED, Body, Part, cloud_type
from contracts.person import Person

B = TypeVar("B", bound=Part, covariant=True)  # noqa: PLC0105 - the short name reads better in Event[B]
Headers = Sequence[tuple[str, bytes]]


class Mode(StrEnum):
    """Set on the touch and inherited by all that it causes."""

    LIVE = "live"
    HISTORICAL = "historical"
    """Scored, counted and learnt from; routes nobody, starts no clock, tells nobody."""
    TEST = "test"
    """Walks to the end, marked; takes no turn and no capacity, is not counted, nobody is told."""


class Malformed(ValueError):  # noqa: N818 - the name is the design's word for it
    """A message that no retry will make readable: it is parked at once."""


@dataclass(frozen=True, slots=True)
class Event(Generic[B]):
    """One recorded event without its person. Times are UTC and aware.

    A command's or a timer's body is a ``Part`` that never travels; all others are a ``Body``.
    """

    id: UUID
    body: B
    occurred_at: datetime
    """When it was so in the world."""
    recorded_at: datetime
    """When Baton wrote it down, by PostgreSQL's clock."""
    mode: Mode
    cause: UUID | None
    """The id of the event or command that brought it about; of a timer's doing, what set it."""
    version: int
    """Counts per key and producing service from 1; 0 where the producer does not count."""


@dataclass(frozen=True, slots=True)
class Message:
    """An event as it came from Kafka, with the person that travelled beside it."""

    event: Event[Body]
    person: Person | None


def value_of(
    event: Event[Body], person: Person | None, body: Mapping[str, Any] | None = None
) -> bytes:
    """Return the JSON value: the body's fields, the times, the version and the person.

    ``body`` is the body's fields where the caller has made them JSON's already.
    """
    fields: dict[str, Any] = event.body.model_dump(mode="json") if body is None else dict(body)
    fields["occurred_at"] = event.occurred_at
    fields["recorded_at"] = event.recorded_at
    fields["version"] = event.version
    if event.body.CARRIES_PERSON:
        filled = person or Person()
        fields["person"] = filled.model_dump(mode="json", exclude_defaults=True)
    return orjson.dumps(fields, option=orjson.OPT_UTC_Z)


def headers_of(event: Event[Body], source: str) -> list[tuple[str, bytes]]:
    """Return the CloudEvents headers; ``source`` names the producing service."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event.id).encode()),
        ("ce_type", cloud_type(type(event.body)).encode()),
        ("ce_source", f"/baton/{source}".encode()),
        ("ce_subject", event.body.key().encode()),
        ("ce_time", event.occurred_at.isoformat().encode()),
        ("ce_mode", event.mode.value.encode()),
        ("content-type", b"application/json"),
    ]
    if event.cause is not None:
        headers.append(("ce_causationid", str(event.cause).encode()))
    return headers


def decode(value: bytes | None, headers: Headers, types: Mapping[str, type[Body]]) -> Message:
    """Return the message of a record whose CloudEvents type stands in ``types``.

    Raises Malformed where a header is missing, the value is not JSON or not as the schema says;
    the text names the field and never repeats a value.
    """
    named = {
        name: raw.decode("utf-8", "replace") for name, raw in headers if name.startswith("ce_")
    }
    try:
        body_type = types[named["ce_type"]]
    except KeyError:
        problem = (
            f"type {named['ce_type']} is not known here" if "ce_type" in named else "no ce_type"
        )
        raise Malformed(problem) from None
    try:
        fields = orjson.loads(value or b"")
        meta = {name: fields.pop(name, None) for name in RESERVED}
        person = meta["person"]
        return Message(
            Event(
                id=UUID(named["ce_id"]),
                body=body_type.model_validate(fields, strict=False),
                occurred_at=_instant(meta["occurred_at"]),
                recorded_at=_instant(meta["recorded_at"]),
                mode=Mode(named.get("ce_mode", Mode.LIVE)),
                cause=UUID(named["ce_causationid"]) if "ce_causationid" in named else None,
                version=int(meta["version"] or 0),
            ),
            Person.model_validate(person) if person is not None else None,
        )
    except ValidationError as error:
        places = "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in error.errors()
        )
        raise Malformed(f"{named['ce_type']}: {places}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed(f"{named['ce_type']}: {type(error).__name__} in the envelope") from None


def _instant(text: str) -> datetime:
    """Return an instant; one without a zone is refused, since nobody knows when it was."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant without its zone")
    return instant
