"""Every stored example of every version is read, and written again as it was."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import jsonschema
import orjson
import pytest

import contracts
from contracts.body import RESERVED, Body, cloud_type
from contracts.event import Headers, Malformed, Mode, decode, headers_of, value_of
from contracts.events import EVENTS, TYPES
from contracts.generate.asyncapi import file_name

HOME = Path(contracts.__file__).parent
EXAMPLES = sorted((HOME / "examples").glob("*.json"))


def stored(path: Path) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))


def headers(example: dict[str, Any]) -> Headers:
    return [(name, text.encode()) for name, text in example["headers"].items()]


@pytest.mark.parametrize("body", EVENTS, ids=cloud_type)
def test_every_event_has_an_example(body: type[Body]) -> None:
    assert (HOME / "examples" / file_name(body)).exists()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_read_and_written_again_as_it_was(path: Path) -> None:
    example = stored(path)
    message = decode(orjson.dumps(example["value"]), headers(example), TYPES)
    assert f"{cloud_type(type(message.event.body))}.json" == f"baton.{path.name}"
    assert json.loads(value_of(message.event, message.person)) == example["value"]
    assert message.event.body.key() == example["key"] == example["headers"]["ce_subject"]
    source = example["headers"]["ce_source"].removeprefix("/baton/")
    written = {name: text.decode() for name, text in headers_of(message.event, source)}
    assert written.items() <= example["headers"].items()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_as_its_schema_says(path: Path) -> None:
    schema = json.loads((HOME / "schemas" / path.name).read_text(encoding="utf-8"))
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    validator = jsonschema.Draft202012Validator(schema, format_checker=checker)
    validator.validate(stored(path)["value"])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_without_a_field_that_must_be_there_is_refused(path: Path) -> None:
    example = stored(path)
    required = json.loads((HOME / "schemas" / path.name).read_text(encoding="utf-8"))["required"]
    validator = jsonschema.Draft202012Validator({"type": "object", "required": required})
    for name in required:
        rest = {key: value for key, value in example["value"].items() if key != name}
        assert not validator.is_valid(rest)
        if name not in RESERVED:
            with pytest.raises(Malformed, match=f"{name}: missing"):
                decode(orjson.dumps(rest), headers(example), TYPES)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_reader_bears_a_field_of_a_later_release(path: Path) -> None:
    example = stored(path)
    later = {**example["value"], "added_later": {"any": ["thing"]}}
    before = decode(orjson.dumps(example["value"]), headers(example), TYPES)
    assert decode(orjson.dumps(later), headers(example), TYPES) == before


def test_a_reader_bears_a_fact_of_a_later_release() -> None:
    example = stored(HOME / "examples" / "touch.resolved.v1.json")
    facts = {**example["value"]["facts"], "company.added_later": 7}
    before = decode(orjson.dumps(example["value"]), headers(example), TYPES)
    later = orjson.dumps({**example["value"], "facts": facts})
    assert decode(later, headers(example), TYPES) == before


@pytest.mark.parametrize("name", ["occurred_at", "recorded_at"])
def test_an_instant_without_its_zone_is_refused(name: str) -> None:
    example = stored(HOME / "examples" / "lead.routed.v1.json")
    naive = {**example["value"], name: "2026-11-02T09:19:07.166"}
    with pytest.raises(Malformed, match="in the envelope"):
        decode(orjson.dumps(naive), headers(example), TYPES)


def test_the_envelope_is_told_from_the_body() -> None:
    example = stored(HOME / "examples" / "lead.routed.v1.json")
    message = decode(orjson.dumps(example["value"]), headers(example), TYPES)
    assert message.event.id == UUID(example["headers"]["ce_id"])
    assert message.event.cause == UUID(example["headers"]["ce_causationid"])
    assert message.event.mode is Mode.LIVE
    assert message.event.occurred_at == datetime.fromisoformat("2026-11-02T09:19:07.166+00:00")
    assert message.event.version == 3
    assert message.person is not None
    assert message.person.email == "maya.okafor@brightwell.example"


def test_no_example_speaks_of_a_person_outside_its_place() -> None:
    for path in EXAMPLES:
        value = stored(path)["value"]
        value.pop("person", None)
        text = json.dumps(value)
        for personal in ("Maya", "Okafor", "maya.okafor", "+442079460018", "pallets", "Cj0KCQ"):
            assert personal not in text, path.name
