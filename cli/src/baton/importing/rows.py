"""A file's row as a row of a call: fields in their places, its instant read, history marked. Pure.

Called by the import for each row. What only ingest can know, such as whether an address is one, is
left to it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import Any

import orjson

from baton.importing.fields import IGNORE, What
from baton.importing.mapping import WHICH, Mapped
from baton.importing.reading import Line
from contracts.facts import FACTS, Kind

Json = dict[str, Any]

_FACT, _VALUE = "fact", "value"
_MILLISECONDS_FROM = 100_000_000_000
"""A count since 1970 from here on is of milliseconds: as seconds it were the year 5138."""
_OF_WHOM = ("person", "custom", "anonymous_id")


class Wrong(ValueError):  # noqa: N818 - says what is the matter
    """A row that cannot be sent; the text says the column and what is expected, and no value."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How rows of one import are made."""

    mapped: Mapped
    source: str | None
    """Of rows that name none."""
    live_since: datetime | None
    """What happened after this is live; none: all is history."""


def row_of(line: Line, rule: Rule) -> Json:
    """Return the row as it is sent. Raises Wrong."""
    if line.wrong is not None:
        raise Wrong(line.wrong)
    fields = rule.mapped.fields
    row: Json = {}
    for name, value in rule.mapped.set.items():
        _put(row, name, value)
    for field, column in _columns(line, rule.mapped).items():
        value = line.cells[column]
        if field == fields.instant:
            row[field] = _instant(column, value, rule.mapped).isoformat()
        else:
            _put(row, field, value)
    if fields.what is What.FACTS:
        _named_fact(row)
    if rule.source is not None:
        row.setdefault("source", rule.source)
    row["historical"] = _is_history(row.get(fields.instant), rule)
    if fields.what is What.TOUCHES:
        _identify(row)
    return row


def _columns(line: Line, mapped: Mapped) -> Mapping[str, str]:
    """Return the column of each field that a row has. Raises Wrong."""
    taken: dict[str, str] = {}
    for column, field in mapped.fields_of(line.cells).items():
        if field is None:
            raise Wrong(f"{column}: is no field; {mapped.fields.near(column)}")
        if field != IGNORE and taken.setdefault(field, column) != column:
            raise Wrong(f"{column}: is {field}, as {taken[field]} is; {WHICH}")
    return taken


def _put(row: Json, field: str, value: Any) -> None:  # noqa: ANN401 - a cell
    """Put a value where its field is: the first word of ``person.email`` is an object's name."""
    head, _, rest = field.partition(".")
    if not rest:
        row[head] = value if isinstance(value, bool) else _text(value)
    elif head == "facts":
        row.setdefault(head, {})[rest] = _fact(rest, value)
    else:
        row.setdefault(head, {})[rest] = _text(value)


def _text(value: Any) -> str:  # noqa: ANN401 - a cell
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _fact(name: str, value: Any) -> Any:  # noqa: ANN401 - a cell
    """Return a fact's value as JSON has it: ``12`` of a text is a number, ``007`` stays a text."""
    if not isinstance(value, str):
        return value if isinstance(value, bool | int | float) else _text(value)
    known = FACTS.get(name)
    if known is not None and known.kind is not Kind.WHOLE:
        return value
    try:
        read = json.loads(value)
    except ValueError:
        return value
    return read if isinstance(read, bool | int | float) else value


def _named_fact(row: Json) -> None:
    """Turn the columns ``fact`` and ``value`` into the fact that they name."""
    name = row.pop(_FACT, None)
    value = row.pop(_VALUE, None)
    if name is not None:
        if value is None:
            raise Wrong("value: is missing beside the fact")
        row.setdefault("facts", {})[name] = _fact(name, value)


def _instant(column: str, value: Any, mapped: Mapped) -> datetime:  # noqa: ANN401 - a cell
    found = _read(value, mapped.format)
    if found is None:
        expected = mapped.format or "ISO 8601, or seconds since 1970"
        raise Wrong(f"{column}: expected an instant ({expected})")
    if found.tzinfo is None:
        if mapped.zone is None:
            raise Wrong(f"{column}: names no time zone: give --zone, or `zone` in the mapping")
        found = found.replace(tzinfo=mapped.zone)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise Wrong(f"{column}: is no instant that there was") from None


def _read(value: Any, form: str | None) -> datetime | None:  # noqa: ANN401 - a cell
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    text = str(value)
    try:
        if form is not None:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the caller gives it its zone
        if isinstance(value, int | float) or (text.isascii() and text.isdigit() and len(text) > 8):  # noqa: PLR2004 - 20261102 is a day
            count = float(value)
            seconds = count / 1000 if count >= _MILLISECONDS_FROM else count
            return datetime.fromtimestamp(seconds, UTC)
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None


def _is_history(at: str | None, rule: Rule) -> bool:
    """Tell whether a row is history; a fact without an instant is so since now."""
    if rule.live_since is None:
        return True
    if at is None:
        return rule.mapped.fields.what is What.TOUCHES
    return datetime.fromisoformat(at) <= rule.live_since


def _identify(row: Json) -> None:
    """Give a touch an id by its content where it has none and is somebody's.

    So it is one touch in whatever file, on whatever day and as whichever row it comes again.
    """
    if row.get("id") is None and any(row.get(name) for name in _OF_WHOM):
        said = {name: value for name, value in row.items() if name != "historical"}
        try:
            row["id"] = f"import-{_digest(said)[:32]}"
        except TypeError:
            raise Wrong("holds a character or a number that JSON has not") from None


def _digest(said: Mapping[str, Any]) -> str:
    return sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
