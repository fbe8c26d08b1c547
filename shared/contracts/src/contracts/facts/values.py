"""`Facts`: an immutable, checked mapping from fact name to value; the JSON object in events.

Every decision takes one. It refuses unknown names, wrong kinds and texts that hold an e-mail
address; its errors name the fact and never repeat the value.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from contracts.facts.checking import LONGEST_TEXT, MOST_TEXTS, FactsError, FactValue, checked
from contracts.facts.registry import FACTS, Fact, Kind, is_custom

MOST_FACTS = 200


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
            self._values = {name: checked(name, given[name]) for name in sorted(given)}
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
                merged[name] = checked(name, value)
        if len(merged) > MOST_FACTS:
            raise FactsError("", f"at most {MOST_FACTS} facts may stand together")
        return Facts._sorted(merged)

    def only(self, *prefixes: str) -> "Facts":
        """Return the facts whose names start with one of `prefixes`, like `"touch."`."""
        return Facts._sorted({n: v for n, v in self._values.items() if n.startswith(prefixes)})

    @classmethod
    def _sorted(cls, known: Mapping[str, FactValue]) -> "Facts":
        """Return facts of values that were checked before: to check them again costs most of it."""
        made = cls.__new__(cls)
        made._values = {n: known[n] for n in sorted(known)}  # noqa: SLF001 -- of its own class
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
            self._json = {
                name: value if type(value) in _AS_THEY_ARE else _plain(value)
                for name, value in self._values.items()
            }
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


_AS_THEY_ARE = frozenset({str, int, bool, float})


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
