"""The one grammar of durations, limits and shares in policies: `5m`, `1 per 7d`, `50%`.

Policy models use `Duration`, `Limit`, `Share`, `Before` and `Mark` as field types. All are
frozen, compare by value and write themselves back as the shortest text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, PlainSerializer, PlainValidator
from pydantic import WithJsonSchema as JsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

LONGEST_MS = 3660 * 86_400_000
MOST = 1_000_000_000

_UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_DURATION = re.compile(r"(?P<count>[0-9]{1,12})(?P<unit>ms|s|m|h|d)\Z")
_LIMIT = re.compile(r"(?P<count>[0-9]{1,10}) per (?P<per>\S+)\Z")
_SHARE = re.compile(r"(?P<whole>[0-9]{1,3})(?:\.(?P<part>[0-9]{1,2}))?%\Z")
_BEFORE = " before"


class AmountError(ValueError):
    """A text that is no such amount; the message says what is expected."""


class _Amount:
    """What all amounts share: pydantic reads them from their text and writes the text back."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        raise NotImplementedError

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Let pydantic read the text and write it back."""
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else _read(cls.parse, value),
            serialization=core_schema.to_string_ser_schema(when_used="always"),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe it as a text."""
        return {"type": "string", "description": (cls.__doc__ or "").partition("\n")[0]}


@dataclass(frozen=True, slots=True, order=True)
class Duration(_Amount):
    """A span of time: a whole number and ms, s, m, h or d (a day is 24 hours), like 5m."""

    ms: int

    def __post_init__(self) -> None:
        """Refuse what no policy means."""
        if not 0 < self.ms <= LONGEST_MS:
            raise AmountError("a duration is longer than nothing and at most 3660d")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a text like `5m`. Raises AmountError."""
        found = _DURATION.match(text)
        if not found:
            raise AmountError(
                "expected a duration: a whole number and ms, s, m, h or d, like 5m, 2h or 30d"
            )
        return cls(int(found["count"]) * _UNITS[found["unit"]])

    @property
    def span(self) -> timedelta:
        """The same as a timedelta."""
        return timedelta(milliseconds=self.ms)

    def __str__(self) -> str:
        unit = next(unit for unit, size in _UNITS.items() if self.ms % size == 0)
        return f"{self.ms // _UNITS[unit]}{unit}"


class Period(StrEnum):
    """A stretch of the organisation's own calendar, in its own zone."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Limit(_Amount):
    """So many in a span or period, like 1 per 7d or 120 per month."""

    count: int
    per: Duration | Period

    def __post_init__(self) -> None:
        """Refuse what no policy means."""
        if not 0 < self.count <= MOST:
            raise AmountError(f"a limit counts from 1 to {MOST}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a text like `1 per 7d` or `120 per month`. Raises AmountError."""
        found = _LIMIT.match(text)
        if not found:
            raise AmountError("expected a limit, like 1 per 7d or 120 per month")
        word = found["per"]
        return cls(int(found["count"]), Period(word) if word in _PERIODS else _per(word))

    def __str__(self) -> str:
        return f"{self.count} per {self.per}"


_PERIODS = frozenset(Period)


@dataclass(frozen=True, slots=True, order=True)
class Share(_Amount):
    """A part of a whole from 0% to 100%, with at most two decimals, like 50%."""

    hundredths: int

    def __post_init__(self) -> None:
        """Refuse what is no part of a whole."""
        if not 0 <= self.hundredths <= 10_000:  # noqa: PLR2004 -- 100%
            raise AmountError("a share is from 0% to 100%")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a text like `50%` or `12.5%`. Raises AmountError."""
        found = _SHARE.match(text)
        if not found:
            raise AmountError("expected a share from 0% to 100%, like 50%")
        return cls(int(found["whole"]) * 100 + int((found["part"] or "").ljust(2, "0")))

    @property
    def fraction(self) -> Fraction:
        """The same between 0 and 1, exact."""
        return Fraction(self.hundredths, 10_000)

    def of(self, span: timedelta) -> timedelta:
        """Return this share of a span, rounded down to the microsecond."""
        microseconds = span // timedelta(microseconds=1)
        return timedelta(microseconds=microseconds * self.hundredths // 10_000)

    def __str__(self) -> str:
        whole, part = divmod(self.hundredths, 100)
        decimals = f".{part:02d}".rstrip("0") if part else ""
        return f"{whole}{decimals}%"


@dataclass(frozen=True, slots=True, order=True)
class Before(_Amount):
    """A distance before a deadline, like 1m before."""

    distance: Duration

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a text like `1m before`. Raises AmountError."""
        if not text.endswith(_BEFORE):
            raise AmountError("expected a distance before the deadline, like 1m before")
        return cls(Duration.parse(text.removesuffix(_BEFORE)))

    def __str__(self) -> str:
        return f"{self.distance}{_BEFORE}"


def mark(text: str) -> Share | Before:
    """Read a point on the way to a deadline: `50%` or `1m before`. Raises AmountError."""
    if text.endswith("%"):
        return Share.parse(text)
    if text.endswith(_BEFORE):
        return Before.parse(text)
    raise AmountError("expected a share of the time or a distance before its end: 50%, 1m before")


def _per(word: str) -> Duration:
    try:
        return Duration.parse(word)
    except AmountError:
        periods = ", ".join(Period)
        raise AmountError(f"expected per a duration like 7d, or per {periods}") from None


def _read(parse: Callable[[str], Any], value: object) -> Any:  # noqa: ANN401 -- any amount
    try:
        return parse(value if isinstance(value, str) else "")
    except AmountError as error:
        raise PydanticCustomError("amount", "{reason}", {"reason": str(error)}) from None


def _read_mark(value: object) -> Share | Before:
    kept: Share | Before = value if isinstance(value, Share | Before) else _read(mark, value)
    return kept


Mark = Annotated[
    Share | Before,
    PlainValidator(_read_mark),
    PlainSerializer(str, return_type=str),
    JsonSchema({"type": "string", "description": "50% of the time, or 1m before its end"}),
]
