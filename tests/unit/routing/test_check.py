"""``python -m routing check``: errors and oddities with their place, and the exit code."""

import shutil
from pathlib import Path

import pytest

from chassis.policies.errors import PolicyRefused
from contracts.events.kinds import PolicyKind
from routing.app.check import check
from routing.app.files import KINDS, SOURCES, content, findings
from routing.domain.rulebook import build
from tests.unit.routing.words import CONFIG

AGAIN = '  - {id: again, when: lead.territory == "AMERICAS", to: emea}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG, tmp_path / "config")
    return tmp_path / "config"


def edit(folder: Path, kind: str, old: str, new: str) -> None:
    path = folder / f"{kind}.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_demo_is_free_of_findings(capsys: pytest.CaptureFixture[str]) -> None:
    assert check([str(CONFIG), "--strict"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("kind", "old", "new", "told"),
    [
        ("routing", "to: emea", "to: emaa", "'emaa' is no pool of team.yaml"),
        ("routing", "tell: revops", "tell: reveps", "'reveps' is no person of team.yaml"),
        ("routing", "to: americas}   ", "to: americas, colour: red} ", "unknown key 'colour'"),
        ("routing", "lead.is_test", "lead.is_tset", "lead.is_tset"),
        ("routing", "lists.target_accounts", "lists.targets", "targets"),
        ("routing", "{id: rest, to:", "{id: rest, when: lead.is_test, to:", "no rule takes"),
        ("routing", ", at_most: 16h", "", "needs at_most"),
        ("routing", "then: overflow, else", "then: assign anyway, else", "has an else"),
        ("routing", "gate: ", "handover: {mode: offer}\ngate: ", "assign"),
        ("routing", "id: emea", "id: americas", "stands here already"),
        ("team", "calendar: boston}", "calendar: bostom}", "no calendar of calendars.yaml"),
        ("team", "{ana: 2,", "{anna: 2,", "'anna' is no rep"),
        ("team", "ana: 2", "ana: 0", "expected at least 1"),
        ("team", "turn: weighted", "turn: least-open", "weighted"),
        ("team", "overflow: emea", "overflow: americas", "into itself"),
        ("team", "reps: [priya, tom]", "reps: [priya, ana]", "'ana' is in team berlin already"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    folder: Path, capsys: pytest.CaptureFixture[str], kind: str, old: str, new: str, told: str
) -> None:
    edit(folder, kind, old, new)
    assert check([str(folder)]) == 1
    out = capsys.readouterr().out
    (line,) = [each for each in out.splitlines() if told in each]
    name, row, column, _ = line.removeprefix(f"{folder}/").split(":", 3)
    assert name == f"{kind}.yaml"
    assert int(row) > 1
    assert int(column) >= 1


@pytest.mark.parametrize(
    ("kind", "old", "new", "told"),
    [
        (
            "routing",
            "  - {id: emea, when: lead.territory ==",
            AGAIN + "  - {id: emea, when: lead.territory ==",
            "never reached: americas has the same condition",
        ),
        ("routing", "  - {id: emea", "  - {id: all, to: emea}\n  - {id: emea", "all takes all"),
        ("team", "calendar: boston\n    turn", "calendar: berlin\n    turn", "nobody of pool"),
    ],
)
def test_what_is_odd_is_a_warning_and_an_error_only_when_strict(
    folder: Path, capsys: pytest.CaptureFixture[str], kind: str, old: str, new: str, told: str
) -> None:
    edit(folder, kind, old, new)
    assert check([str(folder)]) == 0
    assert f"warning: {told}"[:9] in capsys.readouterr().out
    assert check([str(folder), "--strict"]) == 1
    assert told in capsys.readouterr().out


def test_a_folder_without_the_files_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check([str(tmp_path)]) == 1
    assert capsys.readouterr().out.count("there is no such file") == len(KINDS)
    assert check([]) == 2


def test_a_policy_that_does_not_fit_the_others_is_not_published(folder: Path) -> None:
    edit(folder, "routing", "to: emea", "to: emaa")
    for source in SOURCES:
        with pytest.raises(PolicyRefused):
            source.read(folder)


def test_what_is_published_reads_back_as_the_same_policy() -> None:
    contents = {kind.value: content(CONFIG, kind) for kind in KINDS}
    book = build(contents, {})
    for source in SOURCES:
        assert source.accept(contents[source.kind.value]) == contents[source.kind.value]
    assert book.routing.nobody_available[0].otherwise == "assign anyway"
    assert findings(CONFIG).errors == ()
    assert PolicyKind.ROUTING in KINDS
