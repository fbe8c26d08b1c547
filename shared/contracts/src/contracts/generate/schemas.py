"""The JSON Schema (draft 2020-12) of each event's whole Kafka value.

Called by the generator and by tests; a pure function of the body's class.
"""

import inspect
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from contracts.body import Body, Part, cloud_type
from contracts.events.parts import Instant
from contracts.facts import Facts
from contracts.generate.docstrings import sentence_of, sentences_of
from contracts.person import Person

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_ENVELOPE = {
    "occurred_at": "When it was so in the world. UTC.",
    "recorded_at": "When Baton wrote it down. UTC.",
}
_FACTS = "What decisions may see; see docs/facts.md."


def value_schema(body: type[Body]) -> dict[str, Any]:
    """Return the schema of the value: the body's fields, the times, the version, the person."""
    models: list[type[Part]] = [body, Person] if body.CARRIES_PERSON else [body]
    _, top = models_json_schema(
        [(model, "serialization") for model in models], ref_template="#/$defs/{model}"
    )
    definitions: dict[str, Any] = top["$defs"]
    _describe(definitions)
    own = definitions.pop(body.__name__)
    properties = {**own["properties"], **_envelope(body)}
    required = [*own.get("required", ()), *_envelope(body)]
    schema = {
        "$schema": DRAFT,
        "$id": f"urn:{cloud_type(body).replace('.', ':')}",
        "title": body.__name__,
        "description": own["description"],
        "type": "object",
        "properties": properties,
        "required": required,
    }
    return _with_facts_once(schema, definitions)


def _envelope(body: type[Body]) -> dict[str, Any]:
    instant = TypeAdapter(Instant).json_schema()
    fields: dict[str, Any] = {
        name: {**instant, "description": text} for name, text in _ENVELOPE.items()
    }
    fields["version"] = {
        "type": "integer",
        "minimum": 0,
        "description": "Counts per key and producing service from 1; 0 where nobody counts.",
    }
    if body.CARRIES_PERSON:
        fields["person"] = {
            "$ref": "#/$defs/Person",
            "description": "Whom it is about; empty once erased.",
        }
    return fields


def _describe(definitions: dict[str, Any]) -> None:
    for name, definition in definitions.items():
        owner = _classes().get(name)
        if owner is None:  # pydantic's own, like JsonValue
            continue
        definition["description"] = _flat(inspect.getdoc(owner) or name)
        if issubclass(owner, StrEnum):
            said = sentences_of(owner)
            definition["x-says"] = {member.value: said[member.name] for member in owner}
        for field, schema in definition.get("properties", {}).items():
            schema.pop("title", None)
            sentence = sentence_of(owner, field)
            if sentence:
                schema["description"] = _flat(sentence)


def _flat(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def _with_facts_once(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    # The registry of facts is long: it stands once and is referred to.
    facts = TypeAdapter(Facts).json_schema(mode="serialization")
    found = False
    holders = [schema, *definitions.values()]
    for holder in holders:
        for field, old in holder.get("properties", {}).items():
            if facts.items() <= old.items():
                found = True
                rest = {key: value for key, value in old.items() if key not in facts}
                holder["properties"][field] = {"$ref": "#/$defs/Facts", **rest}
    if found:
        definitions["Facts"] = {"title": "Facts", "description": _FACTS, **facts}
    return {**schema, "$defs": dict(sorted(definitions.items()))} if definitions else schema


@cache
def _classes() -> dict[str, type]:
    bases: tuple[type, ...] = (Part, StrEnum)
    return {each.__name__: each for base in bases for each in _below(base)}


def _below(owner: type) -> Iterator[type]:
    children: list[type] = owner.__subclasses__()
    for each in children:
        if each.__module__.startswith("contracts."):
            yield each
        yield from _below(each)
