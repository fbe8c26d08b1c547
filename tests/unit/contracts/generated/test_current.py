"""What is checked in is what the events say now, and the generator refuses to break it."""

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

import contracts
from contracts.compatibility import breaks
from contracts.events import TYPES
from contracts.generate.__main__ import breaking, document_files, main, schema_files
from contracts.generate.asyncapi import as_yaml, document

HOME = Path(contracts.__file__).parent
DOCS = Path(__file__).parents[4] / "docs"
FILES = {**schema_files(HOME / "schemas"), **document_files(DOCS)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_is_checked_in_is_current(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == FILES[path]


SCHEMAS = [path for path in FILES if path.suffix == ".json"]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_schema_does_not_break_the_one_checked_in(path: Path) -> None:
    assert breaks(json.loads(path.read_text(encoding="utf-8")), json.loads(FILES[path])) == ()


def test_the_schemas_are_valid_and_agree_on_what_they_share() -> None:
    shared: dict[str, object] = {}
    for path in SCHEMAS:
        schema = json.loads(FILES[path])
        for name, definition in schema.pop("$defs", {}).items():
            assert shared.setdefault(name, definition) == definition
        shared[path.stem] = schema
    # All at once: checking what they share 59 times over takes seconds.
    jsonschema.Draft202012Validator.check_schema({"$defs": shared})


def test_no_schema_or_example_is_left_of_a_type_that_nobody_reads() -> None:
    known = {f"{name.removeprefix('baton.')}.json" for name in TYPES}
    assert {path.name for path in (HOME / "schemas").iterdir()} == known
    assert {path.name for path in (HOME / "examples").iterdir()} == known


def test_a_breaking_change_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "lead.routed.v1.json"
    files = {path: FILES[HOME / "schemas" / path.name]}
    before = json.loads(files[path])
    before["properties"]["colour"] = {"type": "string"}
    path.write_text(json.dumps(before), encoding="utf-8")
    (said,) = breaking(files)
    assert said.startswith("lead.routed.v1.json: colour: is gone; raise the event's VERSION")


def test_asyncapi_is_the_yaml_of_the_document() -> None:
    assert YAML(typ="safe", pure=True).load(as_yaml(document())) == document()


def test_asyncapi_refers_only_to_what_is_there() -> None:
    text = as_yaml(document())
    whole = document()
    for line in text.splitlines():
        if '"$ref"' not in line:
            continue
        target = line.split(": ", 1)[1].strip('"')
        if target.startswith("#/"):
            node = whole
            for step in target.removeprefix("#/").split("/"):
                node = node[step]
        else:
            assert (DOCS / target).resolve().is_file()


def test_the_generator_says_what_is_not_current(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check", "--docs", str(DOCS)]) == 0
    assert capsys.readouterr().err == ""
    assert main(["--check", "--docs", str(tmp_path)]) == 1
    assert "flow.md is not current; run python -m contracts.generate" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_generator_writes_the_documents_into_a_folder_that_is_there(tmp_path: Path) -> None:
    assert main(["--docs", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        path.name for path in FILES if path.suffix != ".json"
    }
    assert main(["--docs", str(tmp_path / "nowhere")]) == 1


def test_a_breaking_change_is_written_only_when_nobody_has_such_events(
    tmp_path: Path,
) -> None:
    for path in SCHEMAS:
        (tmp_path / path.name).write_text(FILES[path], encoding="utf-8")
    changed = json.loads(FILES[HOME / "schemas" / "deal.won.v1.json"])
    changed["properties"]["colour"] = {"type": "string"}
    path = tmp_path / "deal.won.v1.json"
    path.write_text(json.dumps(changed), encoding="utf-8")
    where = ["--docs", str(tmp_path), "--schemas", str(tmp_path)]
    assert main(where) == 1
    assert main([*where, "--check", "--unreleased"]) == 1
    assert json.loads(path.read_text(encoding="utf-8")) == changed
    assert main([*where, "--unreleased"]) == 0
    assert path.read_text(encoding="utf-8") == FILES[HOME / "schemas" / path.name]
