"""Nested data as named texts, so that no field of a sender is lost. Pure.

``{"a": {"b": [1, 2]}}`` is ``a.b: 1`` and ``a.b: 2``: a repeated name is one field of a form that
was filled in twice.
"""

from collections.abc import Iterator, Mapping
from typing import Any


def flattened(data: Any, name: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON's values
    """Yield name and text of every value, in order; null and empty texts are absent."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from flattened(value, f"{name}.{key}" if name else str(key))
    elif isinstance(data, list | tuple):
        for value in data:
            yield from flattened(value, name)
    elif (text := text_of(data)) is not None:
        yield name or "value", text


def text_of(value: object) -> str | None:
    """Return one value as a text: numbers as they are written, truth as true and false."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)
