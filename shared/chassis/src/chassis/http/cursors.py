"""One form of cursor for every list: where the page before ended, signed, opaque to callers.

Lists are read by key (``WHERE (a, b) > (…)``), never by offset. Pure but for the secret.
"""

import hmac
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from hashlib import blake2b
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Query
from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError

from chassis.http.problem import Problem, ProblemKind

T = TypeVar("T")

LONGEST = 1_024
"""Characters of a cursor."""
MOST = 500
"""Items of a page."""
_MAC_BYTES = 12

Limit = Annotated[int, Query(ge=1, le=MOST, description="Items of a page.")]
"""Use as ``limit: Limit = 50``."""
Cursor = Annotated[
    str | None, Query(max_length=LONGEST, description="`next` of the page before, as it is.")
]
"""Use as ``cursor: Cursor = None``."""


class Page(BaseModel, Generic[T]):
    """A page of a list."""

    items: list[T]
    next: str | None
    """The cursor of the next page; None: this was the last."""


class Cursors:
    """Makes and reads cursors with the installation's secret."""

    def __init__(self, secret: SecretStr) -> None:
        self._key = blake2b(
            secret.get_secret_value().encode(), digest_size=32, person=b"baton cursor"
        ).digest()

    def encode(self, kind: str, place: tuple[Any, ...]) -> str:
        """Return the cursor of a place in the list ``kind``; instants and UUIDs may stand in it.

        Raises ValueError for a place that makes too long a cursor.
        """
        payload = orjson.dumps(place, default=_id)
        text = _written(self._mac(kind, payload) + payload)
        if len(text) > LONGEST:
            raise ValueError("the place is too long for a cursor")
        return text

    def decode(self, kind: str, text: str, shape: type[T]) -> T:
        """Return the place, as ``shape`` (such as ``tuple[datetime, UUID]``).

        Raises Problem 400 for what this list never gave out.
        """
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            raw = b64decode(padded, altchars=b"-_", validate=True)
            mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
            # Several texts may mean the same bytes; only one of them was given out.
            ours = hmac.compare_digest(mac, self._mac(kind, payload)) and _written(raw) == text
            if ours and len(text) <= LONGEST:
                return TypeAdapter(shape).validate_json(payload)
        except (Base64Error, UnicodeEncodeError, ValidationError):
            pass
        raise Problem(ProblemKind.BAD_CURSOR, "This list gave out no such cursor.")

    def _mac(self, kind: str, payload: bytes) -> bytes:
        message = kind.encode() + b"\x00" + payload
        return blake2b(message, key=self._key, digest_size=_MAC_BYTES).digest()


def _written(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _id(value: object) -> str:
    """Write an id that is asyncpg's own kind of UUID, which orjson does not know."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot stand in a cursor")
