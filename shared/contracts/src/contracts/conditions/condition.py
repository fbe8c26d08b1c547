"""`Condition`: one compiled CEL expression that answers met, not met or unknown.

Deciders call `ask`; policy models use it as a field type. Pure: the same facts and lists give the
same verdict for ever. Must not fail at run time: `language` refused at parsing what could.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from cel_expr_python import cel
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from contracts.conditions import language
from contracts.conditions.environment import KNOWN, check_literals, environment, names_allowed
from contracts.conditions.language import ConditionError
from contracts.conditions.needs import Needs, facts_read, lists_asked, needs
from contracts.conditions.tree import Node, Tree, read
from contracts.facts import Facts, is_custom

Lists = Mapping[str, frozenset[str]]

_NO_LISTS: Lists = {}
_REMEMBERED = 1024


class Answer(StrEnum):
    """The three values of a condition."""

    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "unknown"


class Verdict(NamedTuple):
    """An answer and, when it is unknown, the sorted names of the facts that would decide it."""

    answer: Answer
    missing: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        """True only when the condition is surely met; unknown is not met."""
        return self.answer is Answer.MET


MET = Verdict(Answer.MET)
NOT_MET = Verdict(Answer.NOT_MET)


class Condition:
    """A condition of a policy, made by `parse`, equal to another of the same text.

    `text` is what the policy says; `reads` names the facts it reads and `lists` the lists;
    `requires` gives, for some of the facts, the values without which it is never met.

    As a pydantic field it takes the text. Which facts may be asked stands beside it:
    `when: Annotated[Condition, May("lead", "company")]`; without `May`, all. The names of known
    lists come in the validation context as `{"lists": names}`; without them any list is taken.
    """

    __slots__ = (
        "_atoms",
        "_bound",
        "_memo",
        "_program",
        "_tree",
        "lists",
        "reads",
        "requires",
        "text",
    )

    def __init__(self, text: str, program: Any, tree: Tree) -> None:  # noqa: ANN401 -- untyped library
        self.text = text
        self.reads: frozenset[str] = facts_read(tree.root)
        self.lists: Mapping[str, tuple[str, ...]] = lists_asked(tree.root)
        self.requires: Needs = needs(tree.root)
        self._program = program
        self._tree = tree
        self._bound = tuple(sorted(self.reads - {KNOWN}))
        self._atoms: dict[bytes, Any] = {}
        # A regular expression is compiled anew by CEL at each evaluation (about 45 µs), and titles
        # repeat: verdicts of such conditions are remembered by the values they read.
        costly = any(node.word == "matches" for node in tree.root.walk())
        self._memo: dict[tuple[Any, ...], Verdict] | None = (
            {} if costly and not self.lists and KNOWN not in self.reads else None
        )

    @classmethod
    def parse(
        cls,
        text: str,
        allowed: Collection[str] = (),
        lists: Collection[str] | None = None,
    ) -> "Condition":
        """Compile `text`; it must be true or false.

        `allowed` are namespaces (`lead`) or facts (`touch.kind`); empty allows all. `lists` are
        the names of the known lists; None takes any name. Raises ConditionError.
        """
        used = language.names_in(text)
        named = used_lists(used) if lists is None else frozenset(lists)
        custom = frozenset(name for name in used if is_custom(name))
        names = names_allowed(tuple(sorted(allowed)), named, custom)
        try:
            program = environment(names).compile(text)
        except RuntimeError as error:
            raise language.refused_by_cel(error, text, names) from None
        tree = read(program.serialize())
        language.check(tree.root, text)
        check_literals(tree, text, names)
        if program.return_type() not in (cel.Type.BOOL, cel.Type.DYN):
            raise ConditionError(
                f"a condition is true or false, this gives {program.return_type().name().lower()}"
            )
        return cls(text, program, tree)

    def ask(self, facts: Facts, lists: Lists = _NO_LISTS) -> Verdict:
        """Return whether `facts` meet the condition. `lists` maps list names to their texts.

        A list that is named but not given makes its comparison unknown, like an absent fact.
        """
        for name, values in self.requires.items():
            value = facts.get(name)
            if value is not None and value not in values:
                return NOT_MET
        if self._memo is None:
            return self._asked(facts, lists)
        key = tuple(facts.get(name) for name in self._bound)
        verdict = self._memo.get(key)
        if verdict is None:
            if len(self._memo) >= _REMEMBERED:
                self._memo.clear()
            verdict = self._memo[key] = self._asked(facts, lists)
        return verdict

    def _asked(self, facts: Facts, lists: Lists) -> Verdict:
        data = self._data(facts, lists)
        value = self._program.eval(data=data).value()
        if value is True:
            return MET
        if value is False:
            return NOT_MET
        read = self.reads | {f"lists.{name}" for name in self.lists}
        missing = frozenset(name for name in read if name not in data)
        if len(missing) != 1 or any(is_custom(name) for name in read):
            missing = self._blamed(self._tree.root, data)[1]
        return Verdict(Answer.UNKNOWN, tuple(sorted(missing)))

    def _data(self, facts: Facts, lists: Lists) -> dict[str, Any]:
        data: dict[str, Any] = {name: facts[name] for name in self._bound if name in facts}
        for name, value in data.items():
            if isinstance(value, tuple):
                data[name] = list(value)
        if KNOWN in self.reads:
            data[KNOWN] = list(facts)
        for name, asking in self.lists.items():
            # CEL would copy and search the whole list: it is handed the asked values that are in.
            if name in lists:
                inside = lists[name]
                data[f"lists.{name}"] = [data[f] for f in asking if data.get(f) in inside]
        return data

    def _blamed(self, node: Node, data: Mapping[str, Any]) -> tuple[bool | None, frozenset[str]]:
        """Return the value of a part, and when it is unknown the absent names it hangs on."""
        if node.kind == "call" and node.word in {"_&&_", "_||_"}:
            decisive = node.word == "_||_"
            sides = [self._blamed(part, data) for part in node.parts]
            if any(value is decisive for value, _ in sides):
                return decisive, frozenset()
            missing = frozenset[str]().union(*(names for value, names in sides if value is None))
            return (None, missing) if missing else (not decisive, missing)
        if node.kind == "call" and node.word == "!_":
            value, missing = self._blamed(node.parts[0], data)
            return (None if value is None else not value), missing
        if node.kind == "call" and node.word == "_?_:_":
            value, missing = self._blamed(node.parts[0], data)
            if value is None:
                return None, missing
            return self._blamed(node.parts[1 if value else 2], data)
        return self._blamed_atom(node, data)

    def _blamed_atom(
        self, node: Node, data: Mapping[str, Any]
    ) -> tuple[bool | None, frozenset[str]]:
        value = self._atom(node).eval(data=data).value()
        if value is True or value is False:
            return value, frozenset()
        read = facts_read(node) | {f"lists.{name}" for name in lists_asked(node)}
        absent = frozenset(name for name in read if name not in data)
        return None, absent or frozenset(name for name in read if is_custom(name)) or read

    def _atom(self, node: Node) -> Any:  # noqa: ANN401 -- untyped library
        if node.raw not in self._atoms:
            names = frozenset(self.reads | {f"lists.{name}" for name in self.lists})
            program = environment(names).deserialize(self._tree.program_of(node))
            self._atoms[node.raw] = program
        return self._atoms[node.raw]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Condition({self.text!r})"

    def __deepcopy__(self, memo: object) -> "Condition":
        return self

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Let pydantic read the text and write it back."""
        return _schema(())

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe it as a text."""
        return _JSON_SCHEMA


class May:
    """Says beside a `Condition` field which namespaces or facts it may ask."""

    def __init__(self, *allowed: str) -> None:
        self.allowed = allowed

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Take the place of Condition's own schema."""
        return _schema(self.allowed)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe it as a text."""
        return _JSON_SCHEMA


_JSON_SCHEMA: JsonSchemaValue = {"type": "string", "format": "cel", "maxLength": language.LONGEST}


def used_lists(names: Collection[str]) -> frozenset[str]:
    """Return the list names among dotted `names`: `lists.x` gives `x`."""
    found = (name.split(".") for name in names if name.startswith("lists."))
    return frozenset(parts[1] for parts in found)


def _schema(allowed: tuple[str, ...]) -> CoreSchema:
    def read_field(value: object, info: ValidationInfo) -> Condition:
        if isinstance(value, Condition):
            return value
        if not isinstance(value, str):
            raise PydanticCustomError("condition", "a condition is a text, like: lead.is_test")
        context = info.context if isinstance(info.context, Mapping) else {}
        try:
            return Condition.parse(value, allowed, context.get("lists"))
        except ConditionError as error:
            place = {"reason": error.message, "line": error.line, "column": error.column}
            raise PydanticCustomError("condition", "{reason}", place) from None

    return core_schema.with_info_plain_validator_function(
        read_field, serialization=core_schema.to_string_ser_schema(when_used="always")
    )
