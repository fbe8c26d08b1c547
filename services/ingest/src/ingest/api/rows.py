"""A call's body as rows: JSON of one or an array, CSV, NDJSON. All are right, or none is taken.

Doors for systems read with it. Errors name the row and the field, or the line and the column.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson
from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from chassis.http.fields import field_of, message_of
from chassis.http.problem import FieldError, Problem, ProblemKind
from contracts.facts import nearest
from ingest.domain.csv_text import Line, NotCsv, read_csv
from ingest.domain.json_text import NotJson, parse
from ingest.domain.knowledge import FACT
from ingest.domain.whose import Row

R = TypeVar("R", bound=Row)

JSON, CSV, NDJSON = "application/json", "text/csv", "application/x-ndjson"
_MOST_VALUES = 200_000
_MOST_ERRORS = 50


@dataclass(frozen=True, slots=True)
class Sheet(Generic[R]):
    """What rows of one kind of call look like."""

    row: type[R]
    most: int
    """How many rows one call may have."""
    columns: tuple[str, ...]
    """The names that a column of CSV may have; none where rows do not come as CSV."""
    more: Callable[[str], bool] = lambda _: False
    """Whether a column of another name is known all the same."""
    of_cells: Callable[[Mapping[str, str]], Mapping[str, Any]] = dict
    """Makes the row that JSON would have of CSV's cells."""
    lines: str | None = None
    """The content type under which each line is a row in JSON, where there is one."""

    @property
    def media(self) -> tuple[str, ...]:
        """The content types that rows come as."""
        return (JSON, *((CSV,) if self.columns else ()), *((self.lines,) if self.lines else ()))

    def unknown(self, name: str) -> str | None:
        """Return what is wrong with a column's name, or None."""
        if name in self.columns or self.more(name):
            return None
        near = nearest(name[:80], self.columns)
        return (
            f"is no column here; did you mean {near}?"
            if near
            else (f"is no column here; known: {', '.join(self.columns)}")
        )

    def schema(self) -> dict[str, Any]:
        """Return what FastAPI's document says of the body."""
        one = _inlined(TypeAdapter(self.row).json_schema())
        many = {"type": "array", "items": one, "minItems": 1, "maxItems": self.most}
        content: dict[str, Any] = {each: {"schema": {"type": "string"}} for each in self.media}
        content[JSON] = {"schema": {"oneOf": [one, many]}}
        return {"requestBody": {"required": True, "content": content}}


@dataclass(frozen=True, slots=True)
class Read(Generic[R]):
    """What a call brought."""

    rows: Sequence[R]
    places: Sequence[str]
    """How a person finds each row: its number in the array, or its line."""

    def wrong(self, number: int, message: str) -> Problem:
        """Return the problem of one row as a whole."""
        return _refused([FieldError(self.places[number] or "body", message)])


async def rows_of(request: Request, sheet: Sheet[R], now: datetime) -> Read[R]:
    """Return the rows. Raises Problem 400, 413, 415, 422 with all that is wrong, up to a limit."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if kind not in sheet.media:
        expected = " or ".join(sheet.media)
        raise Problem(ProblemKind.UNSUPPORTED_MEDIA_TYPE, f"Rows come as {expected}.")
    if kind == CSV:
        return _of_csv(body, sheet, now)
    return _of_json(body, sheet, now) if kind == JSON else _of_lines(body, sheet, now)


def _of_json(body: bytes, sheet: Sheet[R], now: datetime) -> Read[R]:
    try:
        data = _loaded(body)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Problem(ProblemKind.MALFORMED_JSON, f"The body is no JSON from {where} on.") from None
    many = isinstance(data, list)
    items = data if many else [data]
    if not items:
        raise _refused([FieldError("body", "expected at least one row")])
    if len(items) > sheet.most:
        raise _too_many(sheet.most)
    places = [f"{number}" if many else "" for number in range(len(items))]
    return _rows(items, places, sheet, now)


def _loaded(text: bytes) -> Any:  # noqa: ANN401 - JSON's values
    """Return the data, also of texts with half a character in them. Raises JSONDecodeError."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            return _whole(parse(text, most_values=_MOST_VALUES))
        except NotJson:
            pass
        raise


def _whole(data: Any) -> Any:  # noqa: ANN401 - JSON's values
    """Return data without halves of characters, which no text of a row may hold."""
    if isinstance(data, dict):
        return {_whole(name): _whole(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_whole(each) for each in data]
    return data.encode("utf-8", "ignore").decode() if isinstance(data, str) else data


def _of_lines(body: bytes, sheet: Sheet[R], now: datetime) -> Read[R]:
    items: list[Any] = []
    places: list[str] = []
    for number, line in enumerate(body.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            items.append(_loaded(line))
        except orjson.JSONDecodeError as error:
            where = f"line {number}, column {error.colno}"
            detail = f"The body is no JSON from {where} on."
            raise Problem(ProblemKind.MALFORMED_JSON, detail) from None
        places.append(f"line {number}")
        if len(items) > sheet.most:
            raise _too_many(sheet.most)
    if not items:
        raise _refused([FieldError("line 1", "expected at least one row")])
    return _rows(items, places, sheet, now)


def _of_csv(body: bytes, sheet: Sheet[R], now: datetime) -> Read[R]:
    try:
        lines: Sequence[Line] = read_csv(body, sheet.unknown, sheet.most)
    except NotCsv as wrong:
        raise _refused([FieldError(wrong.place, wrong.message)]) from None
    if not lines:
        raise _refused([FieldError("line 2", "expected at least one row below the columns")])
    places = [f"line {line.number}" for line in lines]
    return _rows([sheet.of_cells(line.cells) for line in lines], places, sheet, now)


def _rows(items: Sequence[Any], places: Sequence[str], sheet: Sheet[R], now: datetime) -> Read[R]:
    found: list[R] = []
    errors: list[FieldError] = []
    for item, place in zip(items, places, strict=True):
        try:
            found.append(sheet.row.model_validate(item, context={"now": now}))
        except ValidationError as error:
            told = error.errors(include_url=False)
            cells = bool(sheet.columns)
            errors += [
                FieldError(_field(place, each, item, cells=cells), _message(each)) for each in told
            ]
        if len(errors) >= _MOST_ERRORS:
            break
    if errors:
        raise _refused(errors[:_MOST_ERRORS])
    return Read(found, places)


def _field(place: str, error: Mapping[str, Any], item: object, *, cells: bool) -> str:
    """Return where an error is: ``2.cost``, or of CSV's cells ``line 3, column cost``."""
    field = field_of({**error, "loc": ("body", *error["loc"])}, item)
    if place.startswith("line "):
        name = f"column {field.removeprefix('facts.')}" if cells else field
        return place if field == "body" else f"{place}, {name}"
    return ".".join(part for part in (place, field if field != "body" else "") if part) or "body"


def _message(error: Mapping[str, Any]) -> str:
    """Return what is expected; what facts say of themselves names facts, and never a value."""
    return str(error["msg"]) if error["type"] == FACT else message_of(error)


def _refused(errors: Sequence[FieldError]) -> Problem:
    named = ", ".join(each.field for each in errors[:3])
    return Problem(
        ProblemKind.INVALID,
        f"Not as it should be: {named}. Nothing of the call was taken.",
        errors=errors,
    )


def _too_many(most: int) -> Problem:
    return Problem(ProblemKind.TOO_LARGE, f"One call has at most {most} rows.")


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without references, since FastAPI's document has its own place for them."""
    known = schema.pop("$defs", {})

    def plain(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            name = str(value.get("$ref", "")).rpartition("/")[2]
            return plain(known[name]) if name in known else {k: plain(v) for k, v in value.items()}
        return [plain(each) for each in value] if isinstance(value, list) else value

    found: dict[str, Any] = plain(schema)
    return found
