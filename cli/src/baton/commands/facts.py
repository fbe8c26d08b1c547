"""`baton facts`: the names that a condition in config/ may use.

Called by people who write policies. Reads the registry of contracts; needs no running system.
"""

from typing import Annotated

import typer

from baton.local.trouble import Trouble
from baton.terminal import AsJson, console, show_json, table
from contracts.facts.registry import FACTS, Fact, nearest


def facts(
    word: Annotated[
        str | None, typer.Argument(help="Only those whose name or meaning has this word.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the facts that conditions in config/ may use: what they say and who sets them."""
    found = [fact for fact in FACTS.values() if word is None or _has(fact, word.lower())]
    if not found:
        near = nearest(word or "")
        raise Trouble(f"no fact has {word!r} in it" + (f": did you mean {near}?" if near else ""))
    if as_json:
        show_json([_view(fact) for fact in found])
        return
    rows = ((each.name, each.kind, each.example, each.set_by, _says(each)) for each in found)
    console().print(table("fact", "kind", "example", "set by", "says", rows=rows))


def _has(fact: Fact, word: str) -> bool:
    return word in f"{fact.name} {fact.says} {' '.join(fact.values)}".lower()


def _says(fact: Fact) -> str:
    return f"{fact.says} ({', '.join(fact.values)})" if fact.values else fact.says


def _view(fact: Fact) -> dict[str, object]:
    return {
        "name": fact.name,
        "kind": fact.kind.value,
        "example": fact.example,
        "set_by": fact.set_by,
        "says": fact.says,
        "values": list(fact.values),
    }
