import json
import stat
from pathlib import Path
from typing import Any

import pytest

from baton.importing import sending
from baton.local.trouble import Trouble
from tests.unit.baton.commands.apis import Apis, problem

POST = "POST /v1/touches"
TAKEN = {"accepted": 1, "touch_ids": []}


def history(folder: Path, rows: int, name: str = "old.csv") -> Path:
    file = folder / name
    lines = [f"2026-03-01T10:00:00Z,p{number}@b.example" for number in range(rows)]
    file.write_text("\n".join(["occurred_at,email", *lines]))
    return file


def refused(*fields: str) -> dict[str, Any]:
    errors = [{"field": each, "message": "expected something else"} for each in fields]
    return problem("Not as it should be.", errors=errors)


def sent(apis: Apis) -> list[list[str]]:
    """The persons of each call."""
    calls = [each.body for each in apis.asked if each.method == "POST"]
    return [[row["person"]["email"].partition("@")[0] for row in call] for call in calls]


def place(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(f"{file}.baton-import.json").read_text())
    return found


def test_a_file_is_sent_in_batches_and_its_place_is_kept(apis: Apis, tmp_path: Path) -> None:
    file = history(tmp_path, sending.MOST_ROWS + 1)
    apis.on(POST, TAKEN)
    done = apis.run("import", "touches", str(file))
    assert done.exit_code == 0, done.output
    assert "is imported: 251 as history" in done.stdout
    assert [len(each) for each in sent(apis)] == [250, 1]
    assert (place(file)["rows"], place(file)["done"]) == (251, True)
    asked = len(apis.asked)
    assert "was imported already" in apis.run("import", "touches", str(file)).stdout
    assert len(apis.asked) == asked
    assert apis.run("import", "touches", str(file), "--again").exit_code == 0
    assert sent(apis)[:2] == sent(apis)[2:]


def test_rows_that_ingest_refuses_are_written_down_and_the_rest_goes_again(
    apis: Apis, tmp_path: Path
) -> None:
    file = history(tmp_path, 4)
    apis.answers[POST] = [(422, refused("1.kind", "1.person.email", "3")), (422, refused("0.id"))]
    apis.answers[POST] += [(200, TAKEN)]
    done = apis.run("import", "touches", str(file))
    assert done.exit_code == 1
    assert "1 as history" in done.stdout
    assert "refused: 3; " in done.stdout
    assert sent(apis) == [["p0", "p1", "p2", "p3"], ["p0", "p2"], ["p2"]]
    out = Path(f"{file}.rejects.ndjson")
    told = [json.loads(line) for line in out.read_text().splitlines()]
    why = "expected something else"
    assert [(each["line"], each["reason"]) for each in told] == [
        (2, f"id: {why}"),
        (3, f"kind: {why}; person.email: {why}"),
        (5, why),
    ]
    assert told[1]["row"] == {"occurred_at": "2026-03-01T10:00:00Z", "email": "p1@b.example"}
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_an_import_that_was_stopped_goes_on_where_it_was(apis: Apis, tmp_path: Path) -> None:
    file = history(tmp_path, 600)
    text = file.read_text().replace("2026-03-01T10:00:00Z,p7@", "once,p7@")
    file.write_text(text.replace("2026-03-01T10:00:00Z,p550@", "once,p550@"))
    apis.answers[POST] = [(200, TAKEN), (403, problem("The token lacks the scope: write."))]
    stopped = apis.run("import", "touches", str(file))
    assert isinstance(stopped.exception, Trouble)
    assert "The same command goes on from" in str(stopped.exception)
    assert place(file)["rows"] == 251
    out = Path(f"{file}.rejects.ndjson")
    with out.open("a") as torn:
        torn.write('{"line": 999')
    apis.on(POST, TAKEN)
    done = apis.run("import", "touches", str(file), "--json")
    assert json.loads(done.stdout) == {
        "historical": 598,
        "live": 0,
        "rejected": 2,
        "rejects": str(out),
        "before": False,
    }
    persons = [who for call in [sent(apis)[0], *sent(apis)[2:]] for who in call]
    assert persons == [f"p{number}" for number in range(600) if number not in {7, 550}]
    assert [json.loads(line)["line"] for line in out.read_text().splitlines()] == [9, 552]


def test_a_file_or_an_option_that_changed_meanwhile_is_not_gone_on_with(
    apis: Apis, tmp_path: Path
) -> None:
    file = history(tmp_path, 300)
    apis.answers[POST] = [(200, TAKEN), (403, problem("No."))]
    apis.run("import", "touches", str(file))
    changed = apis.run("import", "touches", str(file), "--source", "crm")
    assert "stopped at row 250" in str(changed.exception)
    Path(f"{file}.baton-import.json").write_text("{")
    assert "says no place" in str(apis.run("import", "touches", str(file)).exception)
    apis.on(POST, TAKEN)
    assert apis.run("import", "touches", str(file), "--source", "crm", "--again").exit_code == 0


def test_a_finished_import_is_not_told_anew_otherwise_unless_it_is_asked_for(
    apis: Apis, tmp_path: Path
) -> None:
    file = history(tmp_path, 2)
    apis.answers[POST] = [(422, refused("1.kind")), (200, TAKEN)]
    live = ("import", "touches", str(file), "--live-since", "2026-01-01T00:00:00Z")
    assert apis.run(*live).exit_code == 1
    Path(f"{file}.rejects.ndjson").rename(tmp_path / "moved.ndjson")
    kept, asked = place(file), len(apis.asked)
    mapping = tmp_path / "map.yaml"
    mapping.write_text("set: {kind: form}\n")
    for words in (live[:3], (*live, "--mapping", str(mapping)), (*live, "--source", "crm")):
        done = apis.run(*words)
        assert "is of an import that is done, and the file, its mapping" in str(done.exception)
        assert "give --again to begin anew" in str(done.exception)
    assert (place(file), len(apis.asked)) == (kept, asked)
    assert "was imported already" in apis.run(*live).stdout
    apis.on(POST, TAKEN)
    assert apis.run(*live[:3], "--again").exit_code == 0


def test_ingest_is_waited_for_while_it_is_busy(apis: Apis, tmp_path: Path) -> None:
    file = history(tmp_path, 1)
    apis.answers[POST] = [(503, problem("Busy.")), (200, TAKEN)]
    done = apis.run("import", "touches", str(file))
    assert done.exit_code == 0
    assert "Busy." in done.stderr
    assert done.stderr.count("waiting") == 1
    first, second = (each.body for each in apis.asked)
    assert first == second


def test_what_is_too_large_for_a_call_is_sent_in_halves(apis: Apis, tmp_path: Path) -> None:
    file = history(tmp_path, 3)
    large: tuple[int, object] = (413, problem("Too large."))
    apis.answers[POST] = [large, (200, TAKEN), large, large, (200, TAKEN)]
    done = apis.run("import", "touches", str(file))
    assert sent(apis) == [["p0", "p1", "p2"], ["p0"], ["p1", "p2"], ["p1"], ["p2"]]
    assert "refused: 1; " in done.stdout
    (line,) = Path(f"{file}.rejects.ndjson").read_text().splitlines()
    assert (json.loads(line)["line"], json.loads(line)["reason"]) == (
        3,
        "is too large for one call",
    )


def test_a_refusal_that_names_no_row_stops_the_import(apis: Apis, tmp_path: Path) -> None:
    apis.answers[POST] = [(422, refused("body"))]
    assert isinstance(apis.run("import", "touches", str(history(tmp_path, 2))).exception, Trouble)


def test_refused_rows_are_imported_once_they_are_mended_and_never_overwritten(
    apis: Apis, tmp_path: Path
) -> None:
    file = history(tmp_path, 2)
    apis.answers[POST] = [(422, refused("1.kind")), (200, TAKEN)]
    apis.run("import", "touches", str(file))
    out = Path(f"{file}.rejects.ndjson")
    assert apis.run("import", "touches", str(out)).exit_code == 0
    assert sent(apis)[-1] == ["p1"]
    file.write_text(file.read_text() + "\n2026-03-01T10:00:00Z,p2@b.example\n")
    kept = out.read_bytes()
    assert "an import that is done" in str(apis.run("import", "touches", str(file)).exception)
    Path(f"{file}.baton-import.json").unlink()
    assert "an earlier import refused" in str(apis.run("import", "touches", str(file)).exception)
    own = apis.run("import", "touches", str(file), "--again", "--rejects", str(file))
    assert "is read by this import" in str(own.exception)
    assert out.read_bytes() == kept
    assert apis.run("import", "touches", str(file), "--again").exit_code == 0
    assert not out.exists()


def test_where_no_place_can_be_kept_nothing_is_sent(apis: Apis, tmp_path: Path) -> None:
    file = history(tmp_path, 1)
    Path(f"{file}.baton-import.json.new").mkdir()
    done = apis.run("import", "touches", str(file))
    assert "cannot be written, so that nothing could be resumed" in str(done.exception)
    assert apis.asked == []


def test_a_dry_run_says_what_columns_are_and_sends_nothing(apis: Apis, tmp_path: Path) -> None:
    file = history(tmp_path, 3)
    file.write_text(file.read_text().replace("2026-03-01T10:00:00Z,p1@", "once,p1@"))
    words = ("import", "touches", str(file), "--dry-run", "--live-since", "2026-01-01T00:00:00Z")
    done = apis.run(*words)
    assert "email        person.email" in done.stdout
    assert "rows: 3; as history 0, live 2; nothing was sent" in done.stdout
    assert "line 3: occurred_at: expected an instant" in done.stdout
    told = json.loads(apis.run(*words, "--json").stdout)
    assert told["columns"] == {"occurred_at": "occurred_at", "email": "person.email"}
    assert apis.asked == []
    assert [each.name for each in tmp_path.glob("old*")] == ["old.csv"]


@pytest.mark.parametrize(
    ("what", "name", "text", "says"),
    [
        ("touches", "a.csv", "email,id\na@b.example,1\n", ["no column is occurred_at"]),
        ("touches", "a.csv", "Shoe size\n42\n", ["no column is occurred_at", "says who it is"]),
        ("touches", "a.ndjson", '{"date": "2026-03-01T10:00:00Z", "id": 7}\n', ["says who it is"]),
        ("touches", "a.ndjson", '{"date": "once", "person": {"phone": "1"}}\n', []),
        ("touches", "a.ndjson", "", []),
        ("facts", "a.csv", "title,as_of\nCEO,2026-03-01T10:00:00Z\n", ["says who it is"]),
        ("facts", "a.csv", "E-Mail,title\na@b.example,CEO\n", []),
        ("facts", "a.csv", "website,industry\nb.example,retail\n", []),
    ],
)
def test_a_dry_run_warns_of_a_file_that_lacks_an_instant_or_who_it_is(
    apis: Apis, tmp_path: Path, what: str, name: str, text: str, says: list[str]
) -> None:
    file = tmp_path / name
    file.write_text(text)
    done = apis.run("import", what, str(file), "--dry-run")
    warned = [line for line in done.stdout.splitlines() if "warning: " in line]
    assert len(warned) == len(says)
    assert all(said in line for said, line in zip(says, warned, strict=True))
    assert done.exit_code == bool(says)
    told = apis.run("import", what, str(file), "--dry-run", "--json")
    assert len(json.loads(told.stdout)["warnings"]) == len(says)
    assert told.exit_code == bool(says)


def test_what_a_mapping_sets_is_not_warned_of(apis: Apis, tmp_path: Path) -> None:
    file, mapping = tmp_path / "a.csv", tmp_path / "map.yaml"
    file.write_text("Contact\na@b.example\n")
    mapping.write_text("columns: {Contact: email}\nset: {occurred_at: '2026-03-01T10:00:00Z'}\n")
    words = ("import", "touches", str(file), "--dry-run", "--mapping", str(mapping))
    done = apis.run(*words)
    assert (done.exit_code, "warning" in done.stdout) == (0, False)


def test_dated_facts_need_no_key_and_others_have_one_for_a_repeat(
    apis: Apis, tmp_path: Path
) -> None:
    apis.on("POST /v1/facts", {"accepted": 1, "record_ids": []})
    file = tmp_path / "facts.ndjson"
    file.write_text('{"email": "a@b.example", "title": "CFO", "as_of": "2026-03-01T10:00:00Z"}\n')
    assert apis.run("import", "facts", str(file)).exit_code == 0
    assert apis.asked[-1].key is None
    file = tmp_path / "undated.ndjson"
    file.write_text('{"email": "a@b.example", "title": "CFO"}\n')
    assert apis.run("import", "facts", str(file)).exit_code == 0
    key = apis.asked[-1].key
    assert key is not None
    assert apis.run("import", "facts", str(file), "--again").exit_code == 0
    assert apis.asked[-1].key == key
    assert apis.asked[-1].body == [
        {"email": "a@b.example", "facts": {"lead.title": "CFO"}, "historical": True}
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--live-since", "yesterday"), "--live-since: expected an instant"),
        (("--mapping", "none.yaml"), "none.yaml cannot be read: there is no such file"),
        (("--zone", "Mars"), "'Mars' is no time zone"),
    ],
)
def test_an_option_that_is_wrong_is_told_before_anything_is_sent(
    apis: Apis, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    done = apis.run("import", "touches", str(history(tmp_path, 1)), *words)
    assert says in str(done.exception)
    assert apis.asked == []
