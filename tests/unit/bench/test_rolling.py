"""What a rolling restart's figures become, and that a page without its markers is not written."""

from pathlib import Path

import pytest

from bench.page import markdown, put
from bench.rolling.result import Found, Manner, Run, Way, table


def test_a_row_tells_the_worst_lane_and_the_one_in_the_middle() -> None:
    run = Run(Manner.SURGE, Way.LEAVING, 10.0)
    found = Found(run, [0.2, 2.34, 0.5], 0.025, 4.0, 2.5, 0.4)
    (row,) = table([found]).rows
    assert row[1:] == ("static, leaves", "10", "2.3", "0.5", "2.5%", "4.0", "2.5", "0.4")
    assert len(row) == len(table([]).heads)
    assert "| static, leaves | 10 | 2.3 |" in markdown(table([found]))


def test_a_crash_has_no_orderly_stop_to_tell_of() -> None:
    run = Run(Manner.CRASH, Way.DYNAMIC, 6.0)
    (row,) = table([Found(run, [7.0], 0.5, 4.0, 2.5, 0.0)]).rows
    assert row[-1] == "–"


def test_what_stands_between_the_markers_is_put_anew_and_all_else_stays(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before <a>old<b> after")
    put(page, "new", "<a>", "<b>")
    assert page.read_text() == "before <a>\nnew<b> after"


def test_a_page_without_markers_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing <a> here")
    with pytest.raises(ValueError, match="put both lines"):
        put(page, "new", "<a>", "<b>")
