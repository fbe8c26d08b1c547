"""The check that must find every breaking change, tried on mutants of the real schemas."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contracts.body import Body, cloud_type
from contracts.compatibility import breaks
from contracts.events import EVENTS, LeadRouted
from contracts.generate.schemas import value_schema

Change = Callable[[dict[str, Any]], object]


OLD = value_schema(LeadRouted)


def after(change: Change) -> tuple[str, ...]:
    new = copy.deepcopy(OLD)
    change(new)
    return breaks(OLD, new)


@pytest.mark.parametrize("body", EVENTS, ids=cloud_type)
def test_a_schema_does_not_break_itself(body: type[Body]) -> None:
    schema = value_schema(body)
    assert breaks(schema, schema) == ()


def objects(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "", schema
    yield from schema["$defs"].items()


def mutants(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema that lacks one field, or demands or ceases to demand one."""
    for name, found in objects(schema):
        for field in found.get("properties", {}):
            gone = copy.deepcopy(schema)
            place = gone["$defs"][name] if name else gone
            del place["properties"][field]
            yield f"{name}.{field} gone", gone
            turned = copy.deepcopy(schema)
            place = turned["$defs"][name] if name else turned
            place["required"] = sorted(set(place.get("required", ())) ^ {field})
            yield f"{name}.{field} required or not", turned
            retyped = copy.deepcopy(schema)
            place = retyped["$defs"][name] if name else retyped
            place["properties"][field] = {"type": "null"}
            yield f"{name}.{field} of another type", retyped


def test_every_mutant_that_touches_one_field_is_found() -> None:
    old = copy.deepcopy(OLD)
    facts = old["$defs"]["Facts"]["properties"]
    old["$defs"]["Facts"]["properties"] = dict(list(facts.items())[:2])
    tried = list(mutants(old))
    assert len(tried) > 150
    assert [name for name, new in tried if not breaks(old, new)] == []


BREAKING: dict[str, Change] = {
    "a word gone from a closed list": lambda s: s["$defs"]["RouteReason"]["enum"].remove("turn"),
    "a closed list opened": lambda s: s["$defs"]["RouteReason"].pop("enum"),
    "a list closed": lambda s: s["properties"]["cycle"].update(enum=[1]),
    "null no more": lambda s: s["properties"]["pool"]["anyOf"].pop(),
    "null now too": lambda s: s["properties"].update(
        cycle={"anyOf": [s["properties"]["cycle"], {"type": "null"}]}
    ),
    "whole numbers only": lambda s: s["properties"]["probability"]["anyOf"][0].update(
        type="integer"
    ),
    "shorter text": lambda s: s["$defs"]["Reason"]["properties"]["code"].update(maxLength=5),
    "longer text demanded": lambda s: s["$defs"]["Reason"]["properties"]["code"].update(
        minLength=5
    ),
    "another format": lambda s: s["properties"]["lead_id"].update(format="uri"),
    "another pattern": lambda s: (
        s["$defs"]["IdentityKey"]
        if "IdentityKey" in s["$defs"]
        else s["properties"]["policies"]["additionalProperties"].update(pattern="^x$")
    ),
    "other items": lambda s: s["properties"]["reasons"].update(items={"type": "string"}),
    "fewer items": lambda s: s["properties"]["reasons"].update(maxItems=1),
    "other values in a mapping": lambda s: s["properties"]["policies"].update(
        additionalProperties={"type": "integer"}
    ),
    "no other names any more": lambda s: s["$defs"]["Owner"].update(additionalProperties=False),
    "own facts no more": lambda s: s["$defs"]["Facts"].pop("patternProperties"),
}


@pytest.mark.parametrize("change", BREAKING.values(), ids=BREAKING.keys())
def test_a_breaking_change_is_found(change: Change) -> None:
    assert len(after(change)) >= 1


HARMLESS: dict[str, Change] = {
    "a new optional field": lambda s: s["properties"].update(added={"type": "string"}),
    "a new word in a closed list": lambda s: s["$defs"]["RouteReason"]["enum"].append("lottery"),
    "another description": lambda s: s["properties"]["cycle"].update(description="Other words."),
    "another order": lambda s: s["required"].reverse(),
    "longer text": lambda s: s["$defs"]["Reason"]["properties"]["code"].update(maxLength=900),
    "a definition of another name": lambda s: (
        s["$defs"].update(Seller=s["$defs"].pop("Owner")),
        s["properties"]["owner"].update({"$ref": "#/$defs/Seller"}),
    ),
    "a new fact": lambda s: s["$defs"]["Facts"]["properties"].update(
        {"company.age": {"type": "integer"}}
    ),
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_harmless_change_is_let_through(change: Change) -> None:
    assert after(change) == ()


def test_what_breaks_is_named_by_its_place() -> None:
    def change(schema: dict[str, Any]) -> None:
        del schema["$defs"]["GroupPoints"]["properties"]["points"]

    assert after(change) == ("score.groups[].points: is gone",)


def test_a_definition_that_speaks_of_itself_ends() -> None:
    tree = {
        "$ref": "#/$defs/Tree",
        "$defs": {
            "Tree": {
                "type": "object",
                "properties": {"below": {"$ref": "#/$defs/Tree"}, "leaf": {"type": "string"}},
            }
        },
    }
    other = copy.deepcopy(tree)
    del other["$defs"]["Tree"]["properties"]["leaf"]  # type: ignore[index] # plain data
    assert breaks(tree, tree) == ()
    assert breaks(tree, other) == ("leaf: is gone",)
