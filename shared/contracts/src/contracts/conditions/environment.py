"""The CEL environment of a condition: which names there are, of which types.

`condition` compiles and evaluates in it. Environments are kept, since making one takes 0.4 ms.
"""

from functools import lru_cache
from typing import Any

from cel_expr_python import cel

from contracts.conditions import language
from contracts.conditions.needs import facts_read
from contracts.conditions.tree import Tree
from contracts.facts import FACTS, Kind

KNOWN = "lead.known"
_TYPES = {
    Kind.TEXT: cel.Type.STRING,
    Kind.WHOLE: cel.Type.INT,
    Kind.NUMBER: cel.Type.DOUBLE,
    Kind.TRUTH: cel.Type.BOOL,
    Kind.TEXTS: cel.Type.List(cel.Type.STRING),
    Kind.INSTANT: cel.Type.TIMESTAMP,
}


def names_allowed(
    allowed: tuple[str, ...], lists: frozenset[str], custom: frozenset[str]
) -> frozenset[str]:
    """Return the names a condition may use; `lead.known` may always be asked."""
    known = (*FACTS, *custom)
    facts = {
        n for n in known if not allowed or n == KNOWN or n in allowed or n.split(".")[0] in allowed
    }
    return frozenset(facts | {f"lists.{name}" for name in lists})


@lru_cache(maxsize=256)
def environment(names: frozenset[str]) -> Any:  # noqa: ANN401 -- untyped library
    """Return the environment that knows exactly these facts and lists (`lists.NAME`)."""
    return cel.NewEnv(variables={name: _type(name) for name in sorted(names)})


def _type(name: str) -> Any:  # noqa: ANN401 -- untyped library
    if name.startswith("lists."):
        return _TYPES[Kind.TEXTS]
    fact = FACTS.get(name)
    return _TYPES[fact.kind] if fact else cel.Type.DYN


def check_literals(tree: Tree, text: str, names: frozenset[str]) -> None:
    """Try each regular expression and instant once, so that none fails later."""
    known = environment(names)
    for node in tree.root.walk():
        if node.kind != "call" or node.word not in {"matches", "timestamp"}:
            continue
        program = known.deserialize(tree.program_of(node))
        read = facts_read(node)
        value = program.eval(data=dict.fromkeys(read, "")).value()
        if isinstance(value, str):
            said = value.partition(": ")[2] or value
            raise language.at(text, node.parts[-1].offset, said)
