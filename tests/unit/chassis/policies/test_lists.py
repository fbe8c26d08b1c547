"""The files that lists.yaml names are read beside it; what is wrong is told by file and line."""

from pathlib import Path

import pytest

from chassis.policies.document import load
from chassis.policies.errors import PolicyRefused
from chassis.policies.lists import read_lists

YAML = "policy: lists\nrivals: lists/rivals.csv\nterritories: lists/areas.csv\n"


def write(folder: Path, rivals: str, areas: str) -> None:
    (folder / "lists").mkdir()
    (folder / "lists/rivals.csv").write_text(rivals)
    (folder / "lists/areas.csv").write_text(areas)


def test_all_files_are_read(tmp_path: Path) -> None:
    write(tmp_path, "domain\nb.example\na.example\n", "country,territory\nGB,EMEA\n")
    content = read_lists(load(YAML, "lists.yaml"), tmp_path)
    assert content.lists == {"rivals": ("a.example", "b.example")}
    assert content.territories[0].territory == "EMEA"


def test_errors_of_all_files_are_told_together(tmp_path: Path) -> None:
    write(tmp_path, "domain\na.example\na.example\n", "country,territory\nUK!,EMEA\n")
    with pytest.raises(PolicyRefused) as caught:
        read_lists(load(YAML, "lists.yaml"), tmp_path)
    assert [str(error).partition(": ")[0] for error in caught.value.errors] == [
        "lists/areas.csv:2:1",
        "lists/rivals.csv:3:1",
    ]


def test_a_missing_file_is_told_where_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyRefused, match=r"lists\.yaml:2:9: there is no file lists/rivals\.csv"):
        read_lists(load(YAML, "lists.yaml"), tmp_path)
