"""What one fact may hold: its value read, or refused by the fact's name and never by the value.

`Facts` asks for each of its facts; ingest cleans a sender's texts here first.
"""

import math
import re
import unicodedata
from datetime import UTC, datetime

from contracts.facts.registry import FACTS, Kind, is_custom, nearest

FactValue = str | int | float | bool | tuple[str, ...] | datetime

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


def clean_text(raw: str) -> str | None:
    """Return what a sender wrote as a text a fact may hold, or None when nothing may be kept.

    Control characters become spaces, runs of spaces one, the end past the limit is cut off.
    A text with an e-mail address in it is not kept at all.
    """
    shown = raw
    if not raw.isprintable():
        shown = "".join(" " if unicodedata.category(c) in _UNPRINTED else c for c in raw)
    text = " ".join(shown.split())[:LONGEST_TEXT].strip()
    return None if not text or ("@" in text and _ADDRESS.search(text)) else text


_UNPRINTED = frozenset({"Cc", "Cs"})


def checked(name: str, value: object) -> FactValue:
    """Return a fact's value as it is kept. Raises FactsError."""
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
