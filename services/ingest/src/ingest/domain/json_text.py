"""A sender's JSON as plain data, within limits; what cannot be stored is cleaned later.

Called by doors of senders that send JSON. Its errors say where, never what was sent.
"""

import json
import re
from typing import Any

import orjson

DEEPEST = 20
MOST_VALUES = 2_000
_LONGEST_NUMBER = 40
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class NotJson(ValueError):  # noqa: N818 - says what is the matter
    """Bytes that are no JSON, or more of it than is read."""


def parse(body: bytes) -> Any:  # noqa: ANN401 - JSON's values
    """Return the data. Whole numbers beyond 64 bits become texts. Raises NotJson."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if not _SURROGATE.search(body):
            raise _refusal(body, error) from None
        data = _leniently(body)
    _measure(data)
    return data


def _leniently(body: bytes) -> Any:  # noqa: ANN401 - JSON's values
    """Read what orjson refuses: half a character written as an escape, which cleaning drops."""
    try:
        return json.loads(body.decode(), parse_constant=_refuse, parse_int=_whole)
    except NotJson:
        raise
    except json.JSONDecodeError as error:
        raise _refusal(body, error) from None
    except RecursionError:
        raise NotJson(f"the body is nested deeper than {DEEPEST}") from None
    except ValueError:
        raise NotJson("the body is not UTF-8 text") from None


def _refusal(body: bytes, error: json.JSONDecodeError) -> NotJson:
    """Say what orjson or json met at a place; line and column count from 1."""
    try:
        text = body.decode()
    except UnicodeDecodeError as wrong:
        line = body.count(b"\n", 0, wrong.start) + 1
        column = wrong.start - body.rfind(b"\n", 0, wrong.start)
        return NotJson(f"the body is not UTF-8 text from line {line}, byte {column} on")
    where = f"line {error.lineno}, column {error.colno}"
    if "infinity" in error.msg:
        return NotJson(f"the body holds a number too large to be read, at {where}")
    if "depth" in error.msg:
        return NotJson(f"the body is nested deeper than {DEEPEST}, at {where}")
    if error.pos >= len(text.rstrip()):
        return NotJson(f"the body ends before its JSON does, at {where}")
    return NotJson(f"the body is no JSON from {where} on")


def _refuse(word: str) -> object:
    raise NotJson(f"the body holds {word}, which JSON has not")


def _whole(digits: str) -> int | str:
    if len(digits) > _LONGEST_NUMBER:
        raise NotJson(f"the body holds a number of more than {_LONGEST_NUMBER} digits")
    return int(digits)


def _measure(data: Any) -> None:  # noqa: ANN401 - JSON's values
    level, seen = [data], 0
    for _ in range(DEEPEST):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        seen += len(below)
        if seen > MOST_VALUES:
            raise NotJson(f"the body holds more than {MOST_VALUES} values")
        if not below:
            return
        level = below
    raise NotJson(f"the body is nested deeper than {DEEPEST}")
