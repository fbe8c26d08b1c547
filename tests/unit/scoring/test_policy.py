"""config/scoring.yaml: what is published of it, and what is refused with its place."""

from pathlib import Path

import pytest

from chassis.policies.errors import PolicyRefused
from scoring.app import SERVICE
from scoring.settings.policy import accept_scoring, read_scoring
from tests.unit.scoring.made import CONFIG

CHECK = SERVICE.commands["check"]


def written(folder: Path, old: str, new: str) -> Path:
    """The demo's folder with one thing changed in scoring.yaml."""
    (folder / "lists").mkdir()
    for file in ("lists.yaml", *(f"lists/{each.name}" for each in (CONFIG / "lists").iterdir())):
        (folder / file).write_bytes((CONFIG / file).read_bytes())
    text = (CONFIG / "scoring.yaml").read_text()
    assert old in text
    (folder / "scoring.yaml").write_text(text.replace(old, new, 1))
    return folder


def test_the_content_holds_the_lists_it_names_and_the_territories_and_reads_back() -> None:
    content = read_scoring(CONFIG)

    assert set(content["lists"]) == {"served_countries", "target_accounts"}
    assert [row["territory"] for row in content["territories"]] == ["EMEA", "EMEA", "AMERICAS"]
    assert accept_scoring(content) == content


WRONG = [
    ("qualify: 60", "drop: 60", "unknown key 'drop'"),
    ("points: 10", "points: many", "expected a whole number"),
    ("points: 10", "points: 1.5", "expected a whole number"),
    ("group: fit, points: 10", "group: fitt, points: 10", "no such group"),
    ("id: decides", "id: business-mail", "stands twice"),
    ("A: 35, B: 20", "A: 20, B: 35", "below the one before"),
    ("{1: 40, 2: 20, 3: 5}", "{1: 40, 2: 20}", "bounds for A, B, C or for 1, 2, 3"),
    ("{1: 40, 2: 20, 3: 5}", "{A: 40, B: 20, C: 5}", "gives that part of the grade"),
    ("lists.served_countries", "lists.served", "served"),
    ("say: qualify", "say: never", "qualify"),
    ("lead.email_is_free", "lead.score > 5", "lead.score"),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG)
def test_what_cannot_work_is_refused_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, message: str
) -> None:
    folder = written(tmp_path, old, new)
    with pytest.raises(PolicyRefused) as refused:
        read_scoring(folder)

    assert message in str(refused.value)
    assert all(error.line > 1 for error in refused.value.errors)
    assert CHECK([str(folder)]) == 1
    assert f"{folder / 'scoring.yaml'}:" in capsys.readouterr().out


def test_what_is_odd_is_a_warning_and_with_strict_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = written(tmp_path, "cap: 50", "cap: 12")

    assert CHECK([str(folder)]) == 0
    assert "warning: the group fit is capped at 12" in capsys.readouterr().out
    assert CHECK([str(folder), "--strict"]) == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("qualify: 60 ", "qualify: 600 ", "the groups' caps sum to 110, so only an outright rule"),
        ("cap: 60", "cap: 9", "the groups' caps sum to 59, so only an outright rule"),
    ],
)
def test_a_line_that_no_points_reach_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, told: str
) -> None:
    folder = written(tmp_path, old, new)
    assert CHECK([str(folder), "--strict"]) == 1
    assert f"nobody reaches the line: {told}" in capsys.readouterr().out


def test_the_demo_is_in_order_and_a_misused_command_says_how(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert CHECK([str(CONFIG), "--strict"]) == 0
    assert capsys.readouterr().out == ""
    assert CHECK([]) == 2
    assert CHECK([str(tmp_path)]) == 1
