"""A mapping: which column of a file is which field, what holds for every row, how instants stand.

Read like a policy: YAML, refused with file, line and column. Without one a file's own names count.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from baton.importing.fields import FIELDS, IGNORE, Fields, What
from baton.local.trouble import Trouble
from chassis.policies.document import Document, read, validate
from chassis.policies.errors import PolicyRefused
from chassis.wording import why_unread
from contracts.calendars.zone import Zone
from contracts.facts import nearest

_WHAT = "what"
WHICH = "a mapping says which one is, and `ignore` of the other"
"""What to do where two columns are one field."""
_MOST_REMEMBERED = 10_000
"""Names of columns: NDJSON may have others in each row."""
_ZONE: TypeAdapter[str] = TypeAdapter(Zone)
Scalar = str | int | float | bool


class _Written(BaseModel):
    """A mapping as it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, str] = {}
    """Column to field; `ignore` leaves it out."""
    set: dict[str, Scalar] = {}
    """Field to value, for every row that has no own."""
    zone: Zone | None = None
    """Of instants that name none, as `Europe/Berlin`."""
    format: str | None = None
    """Of instants that are not ISO 8601, as `%d.%m.%Y %H:%M`."""

    @field_validator("columns", mode="after")
    @classmethod
    def _known_fields(cls, told: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        fields = _fields(info)
        return {column: _field(fields, name, (column,)) for column, name in told.items()}

    @field_validator("set", mode="after")
    @classmethod
    def _known_names(cls, told: dict[str, Scalar], info: ValidationInfo) -> dict[str, Scalar]:
        fields = _fields(info)
        return {_field(fields, name, (name,)): value for name, value in told.items()}

    @field_validator("format", mode="after")
    @classmethod
    def _makes_an_instant(cls, told: str | None) -> str | None:
        if told is not None:
            probe = datetime(2026, 11, 2, 9, 19, 7, tzinfo=UTC)
            try:
                read_back = datetime.strptime(probe.strftime(told), told)  # noqa: DTZ007 - a probe
            except ValueError:
                raise PydanticCustomError("format", "reads no instant: see strptime") from None
            if read_back.date() != probe.date():
                raise PydanticCustomError("format", "lacks the year, the month or the day")
        return told

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        taken: dict[str, str] = {}
        for column, name in self.columns.items():
            if name != IGNORE and name in taken:
                message = "{field} is the column {other} already"
                told = {"field": name, "other": taken[name], "path": ("columns", column)}
                raise PydanticCustomError("twice", message, told)
            taken[name] = column
        return self


def _fields(info: ValidationInfo) -> Fields:
    return FIELDS[(info.context or {})[_WHAT]]


def _field(fields: Fields, name: str, path: tuple[str, ...]) -> str:
    found = fields.named(name)
    if found is None:
        told = {"near": fields.near(name), "path": path}
        raise PydanticCustomError("field", "is no field; {near}", told)
    return found


@dataclass(frozen=True)
class Mapped:
    """A mapping that holds for one kind of import."""

    fields: Fields
    columns: Mapping[str, str]
    set: Mapping[str, Scalar]
    zone: tzinfo | None
    format: str | None
    document: Document | None = None
    _found: dict[str, str | None] = field(default_factory=dict, compare=False, repr=False)

    def field_of(self, column: str) -> str | None:
        """Return the field of a column; None where it cannot be told."""
        if column in self._found:
            return self._found[column]
        found = self.columns.get(column) or self.fields.of_column(column)
        if len(self._found) < _MOST_REMEMBERED:
            self._found[column] = found
        return found

    def fields_of(self, columns: Iterable[str]) -> dict[str, str | None]:
        """Return the field of each of the columns that stand together.

        One that is known by a further name only yields to a column that is nearer to its field.
        """
        found = {column: self.field_of(column) for column in columns}
        if len(set(found.values())) == len(found):
            return found
        near = {name for column, name in found.items() if not self._yields(column)}
        return {
            column: self.fields.beside(column) if self._yields(column) and name in near else name
            for column, name in found.items()
        }

    def known_of(self, columns: Iterable[str]) -> frozenset[str]:
        """Return the fields, but free ones, that a row with these columns has."""
        found = frozenset(self.field_of(column) for column in columns).union(self.set)
        return frozenset(self.fields.paths) & found

    def _yields(self, column: str) -> bool:
        return column not in self.columns and self.fields.is_other(column)

    def require(self, columns: Sequence[str], file: str) -> None:
        """Compare with the columns that a file has. Raises Trouble with all that is wrong."""
        wrong: list[str] = []
        for told in self.columns:
            if told not in columns and self.document is not None:
                near = nearest(told[:80], tuple(columns))
                says = f"{file} has no such column" + (f"; did you mean {near}?" if near else "")
                wrong.append(str(self.document.error(("columns", told), says, at_key=True)))
        # What yields here does so in each row, also where the nearer column is empty.
        self._found.update(self.fields_of(columns))
        taken: dict[str, str] = {}
        for number, column in enumerate(columns):
            if column in columns[:number]:
                wrong.append(f"{file} has two columns {column!r}")
                continue
            name = self.field_of(column)
            if name is None:
                way_out = self.fields.near(column)
                wrong.append(f"{file}: the column {column!r} is no field; {way_out}")
            elif name != IGNORE and taken.setdefault(name, column) != column:
                wrong.append(f"{file}: {column!r} and {taken[name]!r} are both {name}; {WHICH}")
        if wrong:
            raise Trouble("\n".join(wrong))


def read_mapping(what: What, path: Path | None, zone: str | None) -> Mapped:
    """Return the mapping of a file, or the one without a file; ``zone`` goes before its own.

    Raises Trouble.
    """
    if path is None:
        written, document = _Written.model_validate({}, context={_WHAT: what}), None
    else:
        written, document = _read(what, path)
    if zone is not None:
        try:
            _ZONE.validate_python(zone)
        except ValidationError:
            raise Trouble(f"{zone!r} is no time zone: give one as Europe/Berlin") from None
    named = zone or written.zone
    found = None if named is None else ZoneInfo(named)
    return Mapped(FIELDS[what], written.columns, written.set, found, written.format, document)


def _read(what: What, path: Path) -> tuple[_Written, Document]:
    try:
        document = read(path)
        return validate(document, _Written, {_WHAT: what}), document
    except PolicyRefused as refused:
        raise Trouble("\n".join(str(each) for each in refused.errors)) from None
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {why_unread(error)}") from None


def as_words(mapped: Mapped) -> dict[str, Any]:
    """Return all that a mapping says, for telling two imports apart."""
    return {
        "columns": dict(mapped.columns),
        "set": dict(mapped.set),
        "zone": str(mapped.zone) if mapped.zone else None,
        "format": mapped.format,
    }
