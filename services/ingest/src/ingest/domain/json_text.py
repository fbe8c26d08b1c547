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
            raise NotJson(f"the body is no JSON from line {error.lineno} on") from None
        data = _leniently(body)
    _measure(data)
    return data


def _leniently(body: bytes) -> Any:  # noqa: ANN401 - JSON's values
    """Read what orjson refuses: half a character written as an escape, which cleaning drops."""
    try:
        return json.loads(body.decode(), parse_constant=_refuse, parse_int=_whole)
    except (ValueError, RecursionError):
        raise NotJson("the body is no JSON") from None


def _refuse(word: str) -> object:
    raise ValueError(word)


def _whole(digits: str) -> int | str:
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError("a number of too many digits")
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
