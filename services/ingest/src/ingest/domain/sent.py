"""A request of a sender as a value, and what may be the matter with its bytes. Pure.

Doors make it, kinds read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from ingest.domain.json_text import MOST_VALUES, NotJson, parse


class Malformed(ValueError):  # noqa: N818 - says what is the matter
    """Bytes that are not what the kind sends; the text says where, never what was sent.

    ``fields`` are places with what was expected there, as pointers like ``body.lead_id``.
    """

    def __init__(self, detail: str, fields: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(detail)
        self.fields = fields
        self.is_kept = False
        """Whether the bytes were put aside, since their sender had proved itself."""


class NoJson(Malformed):
    """Bytes that should be JSON and are not, or more of it than is read."""


class TooMuch(Malformed):
    """More fields or entries than are read."""


@dataclass(frozen=True)
class Sent:
    """A request as it came in."""

    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    """By names in small letters; a repeated one is joined by ``, ``."""
    body: bytes
    received_at: datetime
    method: str = "POST"
    url: str = ""
    """Where the sender sent it: the public address with the query as it was sent."""

    @property
    def media(self) -> str:
        """Return the content type in small letters, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def first(self, name: str) -> str | None:
        """Return the first value of a parameter of the query."""
        return next((value for key, value in self.query if key == name), None)

    @cached_property
    def data(self) -> Any:  # noqa: ANN401 - JSON's values
        """The body as data. Raises NoJson."""
        return _data_in(self.body, MOST_VALUES)

    @cached_property
    def object(self) -> dict[str, Any]:
        """The body as an object. Raises Malformed."""
        return _as_object(self.data)


def object_in(body: bytes, most_values: int) -> dict[str, Any]:
    """Return a body as an object, of kinds that send much at once. Raises Malformed."""
    return _as_object(_data_in(body, most_values))


def _data_in(body: bytes, most_values: int) -> Any:  # noqa: ANN401 - JSON's values
    try:
        return parse(body, most_values=most_values)
    except NotJson as error:
        raise NoJson(f"{error}.") from None


def _as_object(data: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON's values
    if not isinstance(data, dict):
        raise Malformed(
            "The body is JSON, but not an object.",
            (("body", "expected an object, keys with values"),),
        )
    return data
