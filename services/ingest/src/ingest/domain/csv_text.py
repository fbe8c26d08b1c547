"""CSV as rows of named cells, within limits; errors say line and column and never a value.

Doors for systems call it. The first line names the columns; an empty cell is an absent one.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

MOST_COLUMNS = 100
LONGEST_CELL = 10_000
_BREAKS = (",", ";", "\t")


class NotCsv(ValueError):  # noqa: N818 - says what is the matter
    """Text that is no CSV, or more of it than is read; ``place`` is line and column."""

    def __init__(self, place: str, message: str) -> None:
        """Keep where it is and what is expected there."""
        super().__init__(message)
        self.place = place
        self.message = message


@dataclass(frozen=True, slots=True)
class Line:
    """One row and the line that it begins on, from 1."""

    number: int
    cells: Mapping[str, str]


def read_csv(body: bytes, unknown: Callable[[str], str | None], most: int) -> Sequence[Line]:
    """Return the rows. ``unknown`` says what is wrong with a column's name, or None.

    Columns are parted by commas, semicolons or tabs, whichever the first line has most of.
    Raises NotCsv.
    """
    text = _decoded(body)
    head = text.partition("\n")[0]
    reader = csv.reader(
        StringIO(text, newline=""), delimiter=max(_BREAKS, key=head.count), strict=True
    )
    try:
        names = _names(next(reader, []), unknown)
        return list(_lines(reader, names, most))
    except csv.Error:
        raise NotCsv(
            f"line {reader.line_num}", "is no CSV: look for a quote that is open"
        ) from None


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = body.count(b"\n", 0, wrong.start) + 1
        raise NotCsv(f"line {line}", "is not UTF-8 text") from None


def _names(cells: Sequence[str], unknown: Callable[[str], str | None]) -> Sequence[str]:
    names = [each.strip().lower() for each in cells]
    if not any(names):
        raise NotCsv("line 1", "expected the names of the columns")
    if len(names) > MOST_COLUMNS:
        raise NotCsv("line 1", f"expected at most {MOST_COLUMNS} columns")
    for number, name in enumerate(names, 1):
        place = f"line 1, column {number}"
        if name in names[: number - 1]:
            raise NotCsv(place, "has the name of a column before it")
        if (wrong := unknown(name)) is not None:
            raise NotCsv(place, wrong)
    return names


def _lines(reader: Iterator[list[str]], names: Sequence[str], most: int) -> Iterator[Line]:
    begins, rows = reader.line_num + 1, 0  # type: ignore[attr-defined] # csv's reader has it
    for cells in reader:
        number, begins = begins, reader.line_num + 1  # type: ignore[attr-defined] # the same
        if not any(cell.strip() for cell in cells):
            continue
        rows += 1
        if rows > most:
            raise NotCsv(f"line {number}", f"is one too many: at most {most} rows are read at once")
        if len(cells) > len(names):
            raise NotCsv(f"line {number}", f"has more cells than the {len(names)} columns")
        yield Line(number, dict(_filled(cells, names, number)))


def _filled(cells: Sequence[str], names: Sequence[str], number: int) -> Iterator[tuple[str, str]]:
    for name, raw in zip(names, cells, strict=False):
        if len(raw) > LONGEST_CELL:
            raise NotCsv(
                f"line {number}, column {name}", f"expected at most {LONGEST_CELL} characters"
            )
        if cell := raw.strip():
            yield name, cell
