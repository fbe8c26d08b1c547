"""Which field of a request is wrong, and what is expected of it; problem.py asks. Pure.

No name or sentence from here repeats a value that was sent.
"""

import re
from collections.abc import Mapping
from typing import Any

from chassis.wording import place_in, said, worded

_LONGEST_NAME = 100
_NOT_TAKEN = "this value is not taken here"


def field_of(error: Mapping[str, Any], body: object) -> str:
    """Return an error's path in the JSON ``body``; of a query or a path pydantic's own words."""
    place = tuple(error["loc"])
    if place[:1] == ("body",):
        place = _sent(place[1:], body, missing=error["type"] == "missing")
    place = (*place, *place_in(error)) or ("body",)
    # The sender chooses the keys of an object, so a key may be somebody's address.
    parts = [str(part)[:_LONGEST_NAME] for part in place]
    return ".".join("…" if "@" in part else part for part in parts)


def _sent(place: tuple[Any, ...], data: Any, *, missing: bool) -> tuple[Any, ...]:  # noqa: ANN401
    """Keep of pydantic's place what is in the JSON: unions and validators add words."""
    if not isinstance(data, Mapping | list):
        return place
    kept: list[Any] = []
    for number, step in enumerate(place, 1):
        if _holds(data, step):
            kept.append(step)
            data = data[step]
        elif missing and number == len(place):
            kept.append(step)
    return tuple(kept)


def _holds(data: Any, step: Any) -> bool:  # noqa: ANN401 - JSON's values
    if isinstance(data, Mapping):
        return step in data
    return isinstance(data, list) and isinstance(step, int) and step < len(data)


def message_of(error: Mapping[str, Any]) -> str:
    """Return what is expected there; never what was sent."""
    if (ours := worded(error)) is not None:
        return ours
    message = said(error)
    words = set(re.findall(r"[^\s.,:;'\"`]{3,}", str(error.get("input", "")).lower()[:2_000]))
    told = set(re.findall(r"[^\s.,:;'\"`]{3,}", message.lower()))
    # A validator's sentence may quote the value; then only the kind of the error is told.
    return message if not words & told else _NOT_TAKEN
