"""`Facts`: an immutable, checked mapping from fact name to value; the JSON object in events.

Every decision takes one. It refuses unknown names, wrong kinds and texts that hold an e-mail
address; its errors name the fact and never repeat the value.
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from contracts.facts.registry import FACTS, Fact, Kind, is_custom, nearest

FactValue = str | int | float | bool | tuple[str, ...] | datetime

MOST_FACTS = 200
LONGEST_TEXT = 300
MOST_TEXTS = 100
LARGEST_WHOLE = 2**63 - 1

_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_TEXT_LIMITS = f"of 1 to {LONGEST_TEXT} characters, without control characters or an e-mail address"
_EXPECTED = {
    Kind.TEXT: f"a text {_TEXT_LIMITS}",
    Kind.WHOLE: "a whole number of at most 64 bits",
    Kind.NUMBER: "a finite number",
    Kind.TRUTH: "true or false",
    Kind.TEXTS: f"a list of at most {MOST_TEXTS} texts, each {_TEXT_LIMITS}",
    Kind.INSTANT: "an instant with its zone, like 2026-11-02T09:30:00Z",
}


class FactsError(ValueError):
    """A fact has no such name or its value is of the wrong kind. `fact` is its name."""

    def __init__(self, fact: str, message: str) -> None:
        super().__init__(message)
        self.fact = fact


class Facts(Mapping[str, FactValue]):
    """What is known of one lead, its company and the touch or activity at hand.

    Takes any mapping; raises FactsError for an unknown name or a value of the wrong kind.
    Instants are kept in UTC. In JSON it is an object, its names sorted.
    """

    __slots__ = ("_hash", "_json", "_values")

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        given = values or {}
        if isinstance(given, Facts):
            self._values: Mapping[str, FactValue] = given._values  # noqa: SLF001 -- another Facts
        elif len(given) > MOST_FACTS:
            raise FactsError("", f"at most {MOST_FACTS} facts may stand together")
        else:
            self._values = {name: _checked(name, given[name]) for name in sorted(given)}
        self._hash: int | None = None
        self._json: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> FactValue:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(tuple(self._values.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Facts):
            return self._values == other._values
        return NotImplemented

    def __repr__(self) -> str:
        return f"Facts({', '.join(self._values)})"

    def changed(self, changes: Mapping[str, Any]) -> "Facts":
        """Return these facts with `changes` over them; a change to None takes the fact away."""
        merged = dict(self._values)
        for name, value in changes.items():
            if value is None:
                merged.pop(name, None)
            else:
                merged[name] = _checked(name, value)
        if len(merged) > MOST_FACTS:
            raise FactsError("", f"at most {MOST_FACTS} facts may stand together")
        return Facts._sorted(merged)

    def only(self, *prefixes: str) -> "Facts":
        """Return the facts whose names start with one of `prefixes`, like `"touch."`."""
        return Facts._sorted({n: v for n, v in self._values.items() if n.startswith(prefixes)})

    @classmethod
    def _sorted(cls, checked: Mapping[str, FactValue]) -> "Facts":
        """Return facts of values that were checked before: to check them again costs most of it."""
        made = cls.__new__(cls)
        made._values = {n: checked[n] for n in sorted(checked)}  # noqa: SLF001 -- of its own class
        made._hash = None  # noqa: SLF001 -- the same
        made._json = None  # noqa: SLF001 -- the same
        return made

    def text(self, name: str) -> str | None:
        """Return the text of that fact, or None when it is absent or no text."""
        value = self._values.get(name)
        return value if isinstance(value, str) else None

    def whole(self, name: str) -> int | None:
        """Return the whole number of that fact, or None when it is absent or no whole number."""
        value = self._values.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def truth(self, name: str) -> bool | None:
        """Return true or false of that fact, or None when it is absent."""
        value = self._values.get(name)
        return value if isinstance(value, bool) else None

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON data, names sorted, instants as text in UTC; not to be changed.

        Made once: the same facts stand in several events, in state and in history.
        """
        if self._json is None:
            self._json = {name: _plain(value) for name, value in self._values.items()}
        return self._json

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Let pydantic read a JSON object or Facts and write a JSON object."""
        return core_schema.no_info_plain_validator_function(
            cls._validated,
            serialization=core_schema.plain_serializer_function_ser_schema(
                cls.as_json, when_used="always"
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe each registered fact as an optional property."""
        return {
            "type": "object",
            "properties": {f.name: _json_type(f) for f in FACTS.values() if not f.derived},
            "patternProperties": {
                r"^custom\.[a-z][a-z0-9_]{0,49}$": {
                    "type": ["string", "number", "boolean", "array"]
                }
            },
            "additionalProperties": False,
        }

    @classmethod
    def _validated(cls, value: object) -> "Facts":
        """Read what an event or a state holds; leave out facts of a later release.

        While instances are replaced one by one an older reader hears a newer writer.
        """
        if isinstance(value, Facts):
            return value
        if not isinstance(value, Mapping):
            raise PydanticCustomError("facts", "facts must be an object of names and values")
        try:
            return cls({n: v for n, v in value.items() if n in FACTS or is_custom(str(n))})
        except FactsError as error:
            raise PydanticCustomError("facts", "{reason}", {"reason": str(error)}) from None


def clean_text(raw: str) -> str | None:
    """Return what a sender wrote as a text a fact may hold, or None when nothing may be kept.

    Control characters become spaces, runs of spaces one, the end past the limit is cut off.
    A text with an e-mail address in it is not kept at all.
    """
    shown = "".join(" " if unicodedata.category(c) in _UNPRINTED else c for c in raw)
    text = " ".join(shown.split())[:LONGEST_TEXT].strip()
    return None if not text or _ADDRESS.search(text) else text


_UNPRINTED = frozenset({"Cc", "Cs"})


def _checked(name: str, value: object) -> FactValue:
    if not isinstance(name, str):
        raise FactsError("", "the name of a fact must be a text")
    fact = FACTS.get(name)
    if fact is None:
        return _checked_custom(name, value)
    if fact.derived:
        raise FactsError(name, f"{name} is made when a condition is asked and cannot be set")
    kept = _READERS[fact.kind](value)
    if kept is None:
        raise FactsError(name, f"{name} must be {_EXPECTED[fact.kind]}")
    if fact.values and not fact.growing and kept not in fact.values:
        raise FactsError(name, f"{name} must be one of {', '.join(fact.values)}")
    return kept


def _checked_custom(name: str, value: object) -> FactValue:
    if not is_custom(name):
        near = nearest(name[:80])
        hint = f"; did you mean {near}?" if near else ""
        raise FactsError(name, f"{name[:80]!r} is no fact{hint} See docs/facts.md for all names.")
    for kind in (Kind.TRUTH, Kind.WHOLE, Kind.NUMBER, Kind.TEXT, Kind.TEXTS):
        kept = _READERS[kind](value)
        if kept is not None:
            return kept
    raise FactsError(
        name, f"{name} must be {_EXPECTED[Kind.TEXT]}, a number, true or false, or a list of texts"
    )


def _text(value: object) -> str | None:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_TEXT:
        return None
    if "@" in value and _ADDRESS.search(value):
        return None
    if value.isprintable():
        return str(value)
    return None if any(unicodedata.category(c) in _UNPRINTED for c in value) else str(value)


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -LARGEST_WHOLE <= value <= LARGEST_WHOLE else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _texts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list | tuple) or len(value) > MOST_TEXTS:
        return None
    kept = tuple(text for item in value if (text := _text(item)) is not None)
    return kept if len(kept) == len(value) else None


def _instant(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime) or value.utcoffset() is None:
        return None
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return None


_READERS = {
    Kind.TEXT: _text,
    Kind.WHOLE: _whole,
    Kind.NUMBER: _number,
    Kind.TRUTH: _truth,
    Kind.TEXTS: _texts,
    Kind.INSTANT: _instant,
}


def _plain(value: FactValue) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return list(value) if isinstance(value, tuple) else value


def _json_type(fact: Fact) -> JsonSchemaValue:
    described: JsonSchemaValue = {"description": fact.says, **_JSON_TYPES[fact.kind]}
    if fact.values and not fact.growing:
        described["enum"] = list(fact.values)
    return described


_JSON_TYPES: dict[Kind, JsonSchemaValue] = {
    Kind.TEXT: {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT},
    Kind.WHOLE: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.TRUTH: {"type": "boolean"},
    Kind.TEXTS: {"type": "array", "items": {"type": "string"}, "maxItems": MOST_TEXTS},
    Kind.INSTANT: {"type": "string", "format": "date-time"},
}
