"""What a condition may say: the part of CEL in which no evaluation can fail on its own.

`condition` asks here before and after compiling. Everything refused is refused with its place
and a way out, so that at run time an absent fact is the only thing that can go wrong.
"""

import re
from collections.abc import Collection, Iterator

from contracts.conditions.tree import Node
from contracts.facts import FACTS, is_custom, nearest

LONGEST = 1000
DEEPEST_BRACKETS = 12

_LITERAL = (
    r'[rRbB]{0,2}(?:"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\''
    r'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')'
)
_TOKEN = re.compile(
    rf"(?P<literal>{_LITERAL})|(?P<comment>//[^\n]*)|(?P<name>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])",
    re.DOTALL,
)
_HAS = re.compile(r"has\s*\(")
_CEL_ERROR = re.compile(r"<input>:(?P<line>\d+):(?P<column>\d+): (?P<says>[^\n]*)")
_UNDECLARED = re.compile(r"undeclared reference to '(?P<name>[^']*)'")
_OVERLOAD = re.compile(
    r"found no matching overload for '(?P<call>[^']*)' applied to '\((?P<kinds>.*)\)'"
)
_KINDS = {
    "string": "text",
    "int": "whole number",
    "double": "number",
    "bool": "true/false",
    "list(string)": "list of texts",
    "google.protobuf.Timestamp": "instant",
    "timestamp": "instant",
}
_FUNCTIONS = "matches, startsWith, endsWith, contains, size, exists, all and timestamp"

_PLAIN_CALLS = frozenset(
    {"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_&&_", "_||_", "!_", "_?_:_", "@in"}
    | {"startsWith", "endsWith", "contains", "size", "@not_strictly_false", "-_"}
)
_CONSTANT_CALLS = frozenset({"timestamp", "matches"})
_ARITHMETIC = frozenset({"_+_", "_-_", "_*_", "_/_", "_%_"})


class ConditionError(ValueError):
    """A condition that cannot be used. `line` and `column` count from 1 within its text."""

    def __init__(self, message: str, column: int = 1, line: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.line = line


def names_in(text: str) -> frozenset[str]:
    """Return the dotted names that stand outside of literals and comments.

    Raises ConditionError for a text too long or nested too deep, and for `has()`.
    """
    if not text.strip():
        raise ConditionError("a condition must say something, like: lead.country == 'DE'")
    if len(text) > LONGEST:
        raise ConditionError(f"a condition has at most {LONGEST} characters, this has {len(text)}")
    names, depth = set(), 0
    for token in _TOKEN.finditer(text):
        if token["open"]:
            depth += 1
            if depth > DEEPEST_BRACKETS:
                raise at(text, token.start(), f"brackets nest at most {DEEPEST_BRACKETS} deep")
        elif token["close"]:
            depth -= 1
        elif token["name"]:
            if _HAS.match(text, token.start()):
                raise at(text, token.start(), _instead_of_has(text, token.end()))
            names.add(re.sub(r"\s", "", token["name"]))
    return frozenset(name for each in names for name in (each, ".".join(each.split(".")[:2])))


def refused_by_cel(error: Exception, text: str, names: Collection[str]) -> ConditionError:
    """Turn the CEL compiler's error into one that names the place and the nearest known name."""
    found = _CEL_ERROR.search(str(error))
    if "recursion" in str(error):
        return ConditionError("this is nested too deep; make it two rules")
    if found is None:
        said = str(error).partition("\n")[0]
        return ConditionError(f"cannot be read: {said}")
    line, column, says = int(found["line"]), int(found["column"]), found["says"]
    undeclared = _UNDECLARED.match(says)
    if undeclared is None:
        return ConditionError(_in_our_words(says), column, line)
    return _unknown_name(text, _offset(text, line, column), undeclared["name"], names)


def check(root: Node, text: str) -> None:
    """Refuse what may fail at run time or what nobody can mean. Raises ConditionError."""
    for node in root.walk():
        if node.kind == "other":
            raise at(
                text, node.offset, "only facts, lists, texts, numbers and true/false stand here"
            )
        if node.kind == "call":
            _check_call(node, text)
        if node.kind == "loop" and any(n.kind == "loop" for p in node.parts for n in p.walk()):
            raise at(text, node.offset, "exists() and all() cannot stand inside one another")
    _check_lists(root, text)
    for node, wrong in _wrong_values(root):
        raise at(text, node.offset, wrong)


def _check_call(node: Node, text: str) -> None:
    word = node.word
    if word in _PLAIN_CALLS:
        return
    if word in _CONSTANT_CALLS:
        if node.parts[-1].kind != "constant":
            raise at(text, node.offset, f"{word}() takes a literal text, so that it can be checked")
        return
    shown = word.strip("_")
    if word in _ARITHMETIC:
        raise at(text, node.offset, f"no arithmetic ({shown}) in a condition: it could overflow")
    raise at(text, node.offset, f"{shown}() is not part of conditions: it could fail at run time")


def _check_lists(root: Node, text: str) -> None:
    allowed = {id(node.parts[1]) for node in root.walk() if _asks_a_list(node)}
    for node in root.walk():
        if node.kind == "name" and node.word.startswith("lists.") and id(node) not in allowed:
            raise at(text, node.offset, f"ask a list with a fact: company.domain in {node.word}")


def _asks_a_list(node: Node) -> bool:
    return (
        node.kind == "call"
        and node.word == "@in"
        and node.parts[0].kind == "name"
        and node.parts[0].word.split(".")[0] in {"lead", "company", "touch", "activity", "custom"}
    )


def _wrong_values(root: Node) -> Iterator[tuple[Node, str]]:
    """Yield constants that a fact with a closed list of values is compared with in vain."""
    for node in root.walk():
        if node.kind != "call" or node.word not in {"_==_", "_!=_", "@in"}:
            continue
        facts = [FACTS[p.word] for p in node.parts if p.kind == "name" and p.word in FACTS]
        constants = [n for p in node.parts for n in (p.parts if p.kind == "list" else (p,))]
        for fact in facts:
            for constant in constants:
                value = constant.value
                if fact.values and isinstance(value, str) and value not in fact.values:
                    yield constant, f"{fact.name} is never {value!r}; it is {_either(fact.values)}"
                if fact.derived and isinstance(value, str) and not _is_fact(value):
                    near = nearest(value)
                    hint = f"; did you mean {near}?" if near else ""
                    yield constant, f"{value!r} is no fact{hint}"


def _is_fact(name: str) -> bool:
    return name in FACTS or is_custom(name)


def _either(values: tuple[str, ...]) -> str:
    return f"{', '.join(values[:-1])} or {values[-1]}"


def _unknown_name(text: str, offset: int, name: str, names: Collection[str]) -> ConditionError:
    dotted = _name_around(text, offset)
    if dotted:
        offset, name = dotted
    near = nearest(name, names)
    if text[offset : offset + len(name)] != name or text[offset + len(name) :][:1] == "(":
        hint = f"the functions are {_FUNCTIONS}"
    elif near:
        hint = f"did you mean {near}?"
    elif name in FACTS or is_custom(name):
        spaces = sorted({known.split(".")[0] for known in names} - {"lists"})
        hint = f"only {', '.join(f'{space}.*' for space in spaces)} may be asked here"
    elif name.startswith("lists."):
        hint = "lists.yaml names no such list"
    else:
        hint = "docs/facts.md lists the facts; a text stands in quotes"
    return at(text, offset, f"{name} is not known here; {hint}")


def _in_our_words(says: str) -> str:
    overload = _OVERLOAD.match(says)
    if overload:
        kinds = ", ".join(_KINDS.get(each, each) for each in overload["kinds"].split(", "))
        return f"{overload['call'].strip('_@')} does not go with ({kinds})"
    syntax = says.removeprefix("Syntax error: ").partition(" expecting ")[0]
    return syntax.replace("mismatched input '<EOF>'", "the condition ends too early")


def _instead_of_has(text: str, after: int) -> str:
    argument = re.match(r"\s*\(\s*([\w.\s]*)", text[after:])
    name = re.sub(r"\s", "", argument[1]) if argument else ""
    shown = name if _is_fact(name) else "company.employees"
    return f'has() does not tell whether a fact is there; write: "{shown}" in lead.known'


def at(text: str, offset: int, message: str) -> ConditionError:
    """Return the error that names the place `offset`, counted in characters from 0."""
    dotted = _name_around(text, offset)
    before = text[: dotted[0] if dotted else offset]
    line = before.count("\n") + 1
    return ConditionError(message, len(before) - (before.rfind("\n") + 1) + 1, line)


def _name_around(text: str, offset: int) -> tuple[int, str] | None:
    # CEL points at the last dot of a dotted name; people look for its beginning.
    for token in _TOKEN.finditer(text):
        if token["name"] and token.start() <= offset < token.end():
            return token.start(), re.sub(r"\s", "", token["name"])
    return None


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return sum(len(each) + 1 for each in lines[: line - 1]) + column - 1
