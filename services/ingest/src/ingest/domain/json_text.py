"""A sender's JSON as plain data, within limits that hold before a single value of it is built.

Called by doors of senders that send JSON. Its errors say where, never what was sent. What cannot be
stored (NUL, half a character) is cleaned later, by ``text``.
"""

import json
import re
from decimal import Decimal
from itertools import accumulate, islice
from typing import Any

import orjson

DEEPEST = 20
"""Objects and lists inside one another."""
MOST_VALUES = 2_000
"""Values of all objects and lists together; so there are never more keys than these."""
LONGEST_NUMBER = 40
"""Characters of one number as it is written."""

_BOM = b"\xef\xbb\xbf"
# One pass, satisfied with a text that never ends; possessive, so that it never goes back.
_TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+'
_TEXT_OR_BRACKET = re.compile(_TEXT + rb"|[\[\]{}]", re.DOTALL)
_TEXT_OR_NUMBER = re.compile(_TEXT + rb"|[-+.0-9eE]{%d,}" % (LONGEST_NUMBER + 1), re.DOTALL)
_EMPTY = re.compile(rb"\[[ \t\r\n]*+\]|\{[ \t\r\n]*+\}")
_NUMBER = re.compile(rb"[-+.0-9eE]{17,}")
_NO_BRACKET = bytes(c for c in range(256) if c not in b"[]{}")
_QUOTE = ord('"')
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_SMALLEST_WHOLE, _LARGEST_WHOLE = -(2**63), 2**64 - 1


class NotJson(ValueError):  # noqa: N818 - says what is the matter
    """Bytes that are no JSON, or more of it than is read."""


def parse(body: bytes, *, most_values: int = MOST_VALUES) -> Any:  # noqa: ANN401 - JSON's values
    """Return the data; of a key that stands twice in an object the last one counts.

    A number that Python's types would round becomes a text of its digits, so that no id is ever
    changed: a whole one beyond 64 bits, a fraction that no float holds. Raises NotJson.
    """
    body = body.removeprefix(_BOM)
    bare = _bare(body, most_values)
    _measure(body, bare, most_values)
    numbers = _NUMBER.findall(bare)
    if any(len(number) > LONGEST_NUMBER for number in numbers):
        place = _place(body, _TEXT_OR_NUMBER, 0)
        raise NotJson(f"the body holds a number of more than {LONGEST_NUMBER} digits, at {place}")
    if any(map(_is_rounded, numbers)):
        return _exactly(body)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if not _SURROGATE.search(body):
            raise _refusal(body, error) from None
        return _exactly(body)


def _bare(body: bytes, most_values: int) -> bytes:
    """Return what stands outside of texts, each text as one quote. Raises NotJson for too many."""
    unescaped = body.replace(rb"\\", b"").replace(rb"\"", b"")
    # A value has at most a key and itself as texts.
    if unescaped.count(b'"') > 4 * most_values + 2:
        raise _too_much(most_values)
    return b'"'.join(unescaped.split(b'"')[::2])


def _measure(body: bytes, bare: bytes, most_values: int) -> None:
    """Look at how much stands outside of texts, and how deep. Raises NotJson."""
    commas, opened = bare.count(b","), bare.count(b"[") + bare.count(b"{")
    if opened > DEEPEST:
        brackets = bare.translate(None, _NO_BRACKET)[: 4 * most_values]
        if (number := _too_deep(brackets)) is not None:
            place = _place(body, _TEXT_OR_BRACKET, number)
            raise NotJson(f"the body is nested deeper than {DEEPEST}, at {place}")
    if max(commas, opened - 1) > most_values:
        raise _too_much(most_values)
    # Each object or list with something in it holds one value more than it has commas.
    if commas + opened > most_values and commas + opened - len(_EMPTY.findall(bare)) > most_values:
        raise _too_much(most_values)


def _too_much(most_values: int) -> NotJson:
    return NotJson(f"the body holds more than {most_values} values")


def _too_deep(brackets: bytes) -> int | None:
    """Return the number, from 0, of the first bracket that is one too many inside the others."""
    depths = accumulate(1 if each in b"[{" else -1 for each in brackets)
    return next((number for number, depth in enumerate(depths) if depth > DEEPEST), None)


def _place(body: bytes, pattern: re.Pattern[bytes], number: int) -> str:
    """Return line and column, counted from 1, of the so manieth match that is no text."""
    found = (each.start() for each in pattern.finditer(body) if each.group()[0] != _QUOTE)
    # A backslash outside of texts, which no JSON has, may hide it here: then it is the beginning.
    start = next(islice(found, number, None), 0)
    line_begins = body.rfind(b"\n", 0, start) + 1
    column = len(body[line_begins:start].decode("utf-8", "replace")) + 1
    line = body.count(b"\n", 0, start) + 1
    return f"line {line}, column {column}"


def _is_rounded(number: bytes) -> bool:
    """Tell whether orjson would not keep every digit; what is no number is told by the reading."""
    text = number.decode()
    try:
        if number.lstrip(b"-").isdigit():
            return not _SMALLEST_WHOLE <= int(text) <= _LARGEST_WHOLE
        return Decimal(text) != Decimal(float(text).__repr__())
    except (ArithmeticError, ValueError):
        return False


def _exactly(body: bytes) -> Any:  # noqa: ANN401 - JSON's values
    """Read what orjson refuses or rounds: halves of characters, which cleaning drops, and ids."""
    try:
        return json.loads(
            body.decode(), parse_constant=_refuse, parse_int=_whole, parse_float=_fraction
        )
    except NotJson:
        raise
    except json.JSONDecodeError as error:
        raise _refusal(body, error) from None
    except UnicodeDecodeError as error:
        raise _no_utf8(body, error) from None


def _refusal(body: bytes, error: json.JSONDecodeError) -> NotJson:
    """Say what orjson or json met at a place; line and column count from 1."""
    try:
        text = body.decode()
    except UnicodeDecodeError as wrong:
        return _no_utf8(body, wrong)
    where = f"line {error.lineno}, column {error.colno}"
    if "infinity" in error.msg:
        return NotJson(f"the body holds a number too large to be read, at {where}")
    if error.pos >= len(text.rstrip()):
        return NotJson(f"the body ends before its JSON does, at {where}")
    return NotJson(f"the body is no JSON from {where} on")


def _no_utf8(body: bytes, wrong: UnicodeDecodeError) -> NotJson:
    line = body.count(b"\n", 0, wrong.start) + 1
    column = wrong.start - body.rfind(b"\n", 0, wrong.start)
    return NotJson(f"the body is not UTF-8 text from line {line}, byte {column} on")


def _refuse(word: str) -> object:
    raise NotJson(f"the body holds {word}, which JSON has not")


def _whole(digits: str) -> int | str:
    number = int(digits)
    return number if _SMALLEST_WHOLE <= number <= _LARGEST_WHOLE else digits


def _fraction(digits: str) -> float | str:
    if float(digits) in {float("inf"), float("-inf")}:
        raise NotJson("the body holds a number too large to be read")
    return digits if _is_rounded(digits.encode()) else float(digits)
