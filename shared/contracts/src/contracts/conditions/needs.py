"""Pure questions to a condition's tree: which facts it reads, which values it needs.

`condition` keeps the answers. Never evaluates anything.
"""

from collections.abc import Mapping

from contracts.conditions.tree import Node

Needs = Mapping[str, frozenset[str | int | bool]]

SPACES = frozenset({"lead", "company", "touch", "activity", "custom"})


def facts_read(root: Node) -> frozenset[str]:
    """Return the names of the facts that stand in the expression, `lead.known` included."""
    return frozenset(n.word for n in root.walk() if n.kind == "name" and _is_fact(n.word))


def lists_asked(root: Node) -> Mapping[str, tuple[str, ...]]:
    """Return for each list the facts whose values it is asked for."""
    asked: dict[str, list[str]] = {}
    for node in root.walk():
        if node.kind == "call" and node.word == "@in" and node.parts[1].word.startswith("lists."):
            asked.setdefault(node.parts[1].word.removeprefix("lists."), []).append(
                node.parts[0].word
            )
    return {name: tuple(dict.fromkeys(facts)) for name, facts in asked.items()}


def needs(root: Node) -> Needs:
    """Return the values that facts must have for the condition to be met.

    Sound: when one of these facts is there with another value, the condition is not met, whatever
    else is known. So rules can be indexed by them and skipped unevaluated.
    """
    if root.kind == "call" and root.word in {"_&&_", "_||_"}:
        join = _both if root.word == "_&&_" else _either
        return join(needs(root.parts[0]), needs(root.parts[1]))
    if root.kind == "call" and root.word in {"_==_", "@in"}:
        return _equality(root)
    return _truth(root)


def _truth(root: Node) -> Needs:
    negated = root.kind == "call" and root.word == "!_"
    node = root.parts[0] if negated else root
    if node.kind != "name" or not _is_fact(node.word):
        return {}
    return {node.word: frozenset({not negated})}


def _both(left: Needs, right: Needs) -> Needs:
    merged = {**left, **right}
    return {
        name: left[name] & right[name] if name in left and name in right else values
        for name, values in merged.items()
    }


def _either(left: Needs, right: Needs) -> Needs:
    return {name: left[name] | right[name] for name in left if name in right}


def _equality(node: Node) -> Needs:
    left, right = node.parts
    if node.word == "_==_" and left.kind == "constant":
        left, right = right, left
    if left.kind != "name" or not _is_fact(left.word):
        return {}
    constants = right.parts if right.kind == "list" else (right,)
    values = [c.value for c in constants if c.kind == "constant" and c.value is not None]
    return {left.word: frozenset(values)} if values and len(values) == len(constants) else {}


def _is_fact(name: str) -> bool:
    return "." in name and name.split(".", maxsplit=1)[0] in SPACES
