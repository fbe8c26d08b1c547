"""What pydantic and the operating system found, in words for people; pure.

Doors, policies and settings tell errors by it. It never repeats a value that was sent.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

ONE_OF = "one_of"
"""Type of a PydanticCustomError of ours whose context has ``known``, and ``path`` to the value."""

_INSTANT = "expected an instant with its zone, as 2026-11-02T09:19:07Z"
_DAY = "expected a day, as 2026-11-02"
_ID = "expected an id (a UUID)"
_TEXT = "expected a text"
_WHOLE = "expected a whole number"
_NUMBER = "expected a number"
_YES_NO = "expected true or false"
_LIST = "expected a list"
_OBJECT = "expected an object, keys with values"

_PLAIN: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    **dict.fromkeys(("string_type", "string_sub_type", "string_unicode"), _TEXT),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _WHOLE),
    **dict.fromkeys(
        ("float_type", "float_parsing", "finite_number", "decimal_type", "decimal_parsing"),
        _NUMBER,
    ),
    **dict.fromkeys(("bool_type", "bool_parsing"), _YES_NO),
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), _LIST),
    **dict.fromkeys(
        ("dict_type", "mapping_type", "model_type", "model_attributes_type", "dataclass_type"),
        _OBJECT,
    ),
    **dict.fromkeys(
        (
            "datetime_type",
            "datetime_parsing",
            "datetime_from_date_parsing",
            "datetime_object_invalid",
            "timezone_aware",
        ),
        _INSTANT,
    ),
    **dict.fromkeys(
        ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
        _DAY,
    ),
    **dict.fromkeys(("uuid_type", "uuid_parsing", "uuid_version"), _ID),
    "union_tag_not_found": "is missing",
}

_MEMBER = re.compile(r"<[\w.]+: ('[^']*')>")
"""How pydantic writes a member of an enum; a person writes its value."""


def _value(member: re.Match[str]) -> str:
    return member[1]


_WITH_CONTEXT: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    ONE_OF: lambda told: f"expected one of: {told['known']}",
    "union_tag_invalid": lambda told: f"expected one of: {told['expected_tags']}".replace("'", ""),
    "enum": lambda told: f"expected {told['expected']}",
    "literal_error": lambda told: f"expected {_MEMBER.sub(_value, told['expected'])}",
    "string_too_short": lambda told: f"expected at least {_characters(told['min_length'])}",
    "string_too_long": lambda told: f"expected at most {_characters(told['max_length'])}",
    "string_pattern_mismatch": lambda told: f"expected a text of the form {told['pattern']}",
    "too_short": lambda told: f"expected at least {_items(told, 'min_length')}",
    "too_long": lambda told: f"expected at most {_items(told, 'max_length')}",
    "greater_than": lambda told: f"expected more than {told['gt']}",
    "greater_than_equal": lambda told: f"expected at least {told['ge']}",
    "less_than": lambda told: f"expected less than {told['lt']}",
    "less_than_equal": lambda told: f"expected at most {told['le']}",
}


def worded(error: Mapping[str, Any]) -> str | None:
    """Return the sentence for one of pydantic's errors; None for one that words itself."""
    told = _WITH_CONTEXT.get(error["type"])
    return _PLAIN.get(error["type"]) if told is None else told(error.get("ctx", {}))


def said(error: Mapping[str, Any]) -> str:
    """Return the sentence for any error: ours, or what its validator says."""
    return worded(error) or str(error["msg"]).removeprefix("Value error, ")


def place_in(error: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Return the steps that lead from an error's own place on to the value at fault."""
    context = error.get("ctx", {})
    if error["type"].startswith("union_tag_"):
        return (str(context["discriminator"]).strip("'"),)
    path = context.get("path", ())
    return path if isinstance(path, tuple) else ()


def why_unread(error: Exception) -> str:
    """Return why a file could not be read."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "this process may not read it"
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    if isinstance(error, UnicodeError):
        return "it is not UTF-8 text"
    return str(getattr(error, "strerror", None) or "reading it failed")


def _characters(number: int) -> str:
    return "1 character" if number == 1 else f"{number} characters"


def _items(told: Mapping[str, Any], limit: str) -> str:
    number = told[limit]
    if told.get("field_type") == "Value":  # a secret, whose length counts characters
        return _characters(number)
    return "1 entry" if number == 1 else f"{number} entries"
