"""A file's rows one after the other, in memory a few at a time: CSV, NDJSON, Parquet.

Called by the import. A row that cannot be read is one with a reason; a file that cannot be read
any further is Trouble. Nested JSON is flat here: `{"person": {"email": …}}` is `person.email`.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from baton.local.trouble import Trouble
from chassis.wording import why_unread

LONGEST_LINE = 1_000_000
"""Bytes of a line of NDJSON: more is no row of a call either."""
_DEEPEST = 20
_REJECTED = frozenset({"line", "reason", "row"})
"""What a line has in a file of refused rows: once mended, its row is imported like any."""
_BREAKS = (",", ";", "\t")
_FORMATS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv",
    ".ndjson": "ndjson", ".jsonl": "ndjson",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file."""

    number: int
    """Its line, from 1; of Parquet its row."""
    cells: Mapping[str, Any]
    """By column; what is empty is absent."""
    wrong: str | None = None
    """Why it cannot be read."""
    original: Any = None
    """The row as it stands in the file, for whoever mends it; none: as the cells."""


@dataclass
class Rows:
    """The rows of an open file, in order, once; ``done`` of ``size`` says how far it was read."""

    lines: Iterator[Line]
    columns: Sequence[str] | None
    """None where each row has its own."""
    size: int
    where: "_Where" = field(repr=False)

    @property
    def done(self) -> int:
        """How much was read, in the unit of ``size``."""
        return min(self.where(), self.size)


class _Where:
    """How far a file was read: by its own word, or as somebody counts."""

    def __init__(self, file: BinaryIO | None = None, reader: object = None) -> None:
        self._file = file
        # A reader of texts that nobody holds any more closes its file.
        self._reader = reader
        self.counted = 0

    def __call__(self) -> int:
        return self.counted if self._file is None else self._file.tell()


def format_of(path: Path) -> str:
    """Return csv, ndjson or parquet, by the name's end. Raises Trouble."""
    found = _FORMATS.get(path.suffix.lower())
    if found is None:
        raise Trouble(f"{path}: expected a name that ends in {', '.join(_FORMATS)}")
    return found


@contextmanager
def opened(path: Path) -> Iterator[Rows]:
    """Open a file by its format. Raises Trouble for one that cannot be read."""
    kind = format_of(path)
    try:
        if path.is_dir():
            raise IsADirectoryError
        size = path.stat().st_size
        with path.open("rb") as file:
            if kind == "parquet":
                yield _parquet(path, file)
            elif kind == "csv":
                yield _csv(path, file, size)
            else:
                yield Rows(_ndjson(file), None, size, _Where(file))
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {why_unread(error)}") from None
    except UnicodeDecodeError:
        raise Trouble(f"{path} is not UTF-8 text: save it as UTF-8") from None


def _csv(path: Path, file: BinaryIO, size: int) -> Rows:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    head = text.readline()
    text.seek(0)
    break_ = max(_BREAKS, key=head.count)
    # A seek to 0 makes the decoder look for the mark of UTF-8 again.
    reader = csv.reader(text, delimiter=break_, strict=True)
    try:
        columns = [each.strip() for each in next(reader, [])]
    except csv.Error:
        raise Trouble(f"{path}: line 1 is no CSV: look for a quote that is open") from None
    if not any(columns):
        raise Trouble(f"{path}: expected the names of the columns in line 1")
    return Rows(_csv_lines(path, reader, columns), columns, size, _Where(file, text))


def _csv_lines(path: Path, reader: Any, columns: Sequence[str]) -> Iterator[Line]:  # noqa: ANN401 - csv has no name for its type
    begins = reader.line_num + 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            raise Trouble(
                f"{path}: no CSV from line {begins} on: look for a quote that is open"
            ) from None
        if cells is None:
            return
        number, begins = begins, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        named = {
            name: cell.strip() for name, cell in zip(columns, cells, strict=False) if cell.strip()
        }
        if len(cells) > len(columns):
            yield Line(number, named, f"has more cells than the {len(columns)} columns", cells)
        else:
            yield Line(number, named)


def _ndjson(file: BinaryIO) -> Iterator[Line]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            _skip(file)
            yield Line(number, {}, f"has more than {LONGEST_LINE:,} bytes", "")
            continue
        if line.strip():
            yield _json_line(number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)


def _skip(file: BinaryIO) -> None:
    """Read on to the end of a line."""
    while (more := file.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
        pass


def _json_line(number: int, line: bytes) -> Line:
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        wrong = f"is no JSON from column {error.colno} on"
        return Line(number, {}, wrong, line.decode(errors="replace").rstrip("\r\n"))
    if not isinstance(told, dict):
        return Line(number, {}, "expected an object, keys with values", told)
    if told.keys() == _REJECTED and isinstance(told["row"], dict):
        told = told["row"]
    try:
        return Line(number, dict(_flat(told)), original=told)
    except RecursionError:
        return Line(number, {}, f"is nested deeper than {_DEEPEST}", told)


def _flat(told: Mapping[str, Any], before: str = "", deep: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield a nested object's values by their paths; lists as JSON. Raises RecursionError."""
    if deep > _DEEPEST:
        raise RecursionError
    for name, value in told.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.", deep + 1)
        elif isinstance(value, list):
            yield f"{before}{name}", orjson.dumps(value).decode()
        elif value not in (None, ""):
            yield f"{before}{name}", value


def _parquet(path: Path, file: BinaryIO) -> Rows:
    try:
        from pyarrow import ArrowException, parquet  # noqa: PLC0415 - an extra that few have
    except ImportError:
        raise Trouble(
            "Parquet is read by pyarrow, which is not installed here: "
            "UV_PROJECT_ENVIRONMENT=.venv .venv/bin/uv sync --frozen --inexact --extra parquet"
        ) from None
    try:
        found = parquet.ParquetFile(file)
    except ArrowException:
        raise Trouble(f"{path} is no Parquet file") from None
    where = _Where()
    batches = found.iter_batches(batch_size=1_000)
    lines = _parquet_lines(path, batches, where, ArrowException)
    return Rows(lines, list(found.schema_arrow.names), found.metadata.num_rows, where)


def _parquet_lines(
    path: Path, batches: Iterable[Any], where: _Where, broken: type[Exception]
) -> Iterator[Line]:
    try:
        for batch in batches:
            for told in batch.to_pylist():
                where.counted += 1
                full = {name: value for name, value in told.items() if value not in (None, "")}
                yield Line(where.counted, dict(_flat(full)), original=told)
    except broken:
        raise Trouble(f"{path} breaks off being Parquet after row {where.counted}") from None
