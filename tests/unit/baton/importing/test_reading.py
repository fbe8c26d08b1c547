from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from baton.importing.reading import LONGEST_LINE, Line, opened
from baton.local.trouble import Trouble


def read(folder: Path, name: str, content: str | bytes) -> list[Line]:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with opened(file) as rows:
        lines = list(rows.lines)
        assert rows.done == rows.size
    return lines


def cells(lines: list[Line]) -> list[dict[str, Any]]:
    return [dict(each.cells) for each in lines]


@pytest.mark.parametrize("break_", [",", ";", "\t"])
def test_csv_is_read_by_its_columns_with_the_line_that_each_row_begins_on(
    tmp_path: Path, break_: str
) -> None:
    text = '\ufeffemail, Note \na@b.example,"two\nlines"\n\n , \nc@d.example\n'.replace(",", break_)
    lines = read(tmp_path, "x.csv", text)
    assert cells(lines) == [
        {"email": "a@b.example", "Note": "two\nlines"},
        {"email": "c@d.example"},
    ]
    assert [each.number for each in lines] == [2, 6]


def test_a_row_of_more_cells_than_columns_is_wrong_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = read(tmp_path, "x.csv", "a,b\n1,2,3\n4,5\n")
    assert [each.wrong for each in lines] == ["has more cells than the 2 columns", None]
    assert lines[0].original == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.csv", "", "names of the columns in line 1"),
        ("x.csv", 'a,b\n1,2\n"open,3\n', "no CSV from line 3 on"),
        ("x.csv", 'a,"b\n', "line 1 is no CSV"),
        ("x.csv", b"a,b\n\xff\xfe,2\n", "not UTF-8 text"),
        ("x.parquet", "no", "no Parquet file"),
        ("x.xlsx", "", "expected a name that ends in"),
    ],
)
def test_what_is_no_file_of_rows_is_told(
    tmp_path: Path, name: str, content: str | bytes, says: str
) -> None:
    with pytest.raises(Trouble, match=says):
        read(tmp_path, name, content)
    with pytest.raises(Trouble, match="there is no such file"), opened(tmp_path / "none.csv"):
        pass


def test_ndjson_is_flat_and_a_line_that_is_none_is_wrong(tmp_path: Path) -> None:
    text = "\n".join(
        (
            '{"person": {"email": "a@b.example"}, "custom": {"tags": [1, 2]}, "x": null, "y": ""}',
            "",
            '{"open',
            "[1]",
            '{"big": "' + "x" * LONGEST_LINE + '"}',
            '{"a":' * 30 + "1" + "}" * 30,
            '{"id": 12345678901234567}',
        )
    )
    lines = read(tmp_path, "x.ndjson", text)
    assert cells(lines)[0] == {"person.email": "a@b.example", "custom.tags": "[1,2]"}
    assert lines[0].original["person"] == {"email": "a@b.example"}
    assert [(each.number, each.wrong) for each in lines if each.wrong] == [
        (3, "is no JSON from column 7 on"),
        (4, "expected an object, keys with values"),
        (5, "has more than 1,000,000 bytes"),
        (6, "is nested deeper than 20"),
    ]
    assert (lines[-1].number, lines[-1].cells) == (7, {"id": 12345678901234567})


def test_parquet_is_read_row_by_row_with_its_types(tmp_path: Path) -> None:
    at = datetime(2026, 3, 1, 10, tzinfo=UTC)
    told = {"email": ["a@b.example", None], "occurred_at": [at, at], "n": [{"x": 1}, {"x": 2}]}
    file = tmp_path / "x.parquet"
    parquet.write_table(pa.table(told), file)
    with opened(file) as rows:
        assert (rows.columns, rows.size) == (["email", "occurred_at", "n"], 2)
        lines = list(rows.lines)
        assert rows.done == 2
    assert cells(lines) == [
        {"email": "a@b.example", "occurred_at": at, "n.x": 1},
        {"occurred_at": at, "n.x": 2},
    ]
    assert [each.number for each in lines] == [1, 2]
