"""What a new schema of an event would break, against the one that is checked in.

The generator refuses a breaking change under the same version, and a test does so again. A longer
closed list breaks nobody here: readers are rolled out before writers say the new word.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
Node = Schema | bool
Seen = tuple[tuple[str, str], ...]

_AT_MOST = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
_AT_LEAST = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
_SAME = ("type", "format", "pattern", "const", "uniqueItems", "multipleOf")
_BELOW = ("items", "additionalProperties", "propertyNames")


def breaks(old: Schema, new: Schema) -> tuple[str, ...]:
    """Return what in ``new`` breaks stored events or readers of ``old``: one sentence each."""
    return tuple(dict.fromkeys(_Comparison(old, new).differences(old, new, "", ())))


class _Comparison:
    """Two schemas with their definitions, compared from a node downwards."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old = old.get("$defs", {})
        self._new = new.get("$defs", {})

    def differences(self, old: Node, new: Node, at: str, seen: Seen) -> Iterator[str]:
        if isinstance(old, bool) or isinstance(new, bool):
            yield from _of_truths(old, new, at)
            return
        refs = (old.get("$ref", ""), new.get("$ref", ""))
        if refs[0] and refs in seen:
            return
        seen = (*seen, refs)
        old, new = _resolved(old, self._old), _resolved(new, self._new)
        yield from _of_values(old, new, at)
        yield from self._of_properties(old, new, at, seen)
        yield from self._of_alternatives(old, new, at, seen)
        yield from self._of_patterns(old, new, at, seen)
        for word in _BELOW:
            below = f"{at}[]" if word == "items" else f"{at}.*"
            if word in old or word in new:
                yield from self.differences(old.get(word, True), new.get(word, True), below, seen)

    def _of_properties(self, old: Schema, new: Schema, at: str, seen: Seen) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        required_before = frozenset(old.get("required", ()))
        required_after = frozenset(new.get("required", ()))
        for name in sorted(required_after - required_before):
            yield f"{_place(at, name)}: is required and was not"
        for name in sorted(required_before - required_after):
            yield f"{_place(at, name)}: was required and is not"
        for name in before:
            if name not in after:
                yield f"{_place(at, name)}: is gone"
            else:
                yield from self.differences(before[name], after[name], _place(at, name), seen)

    def _of_alternatives(self, old: Schema, new: Schema, at: str, seen: Seen) -> Iterator[str]:
        before, after = old.get("anyOf", ()), new.get("anyOf", ())
        for each in before:
            if not any(self._fits(each, other, seen) for other in after):
                yield f"{_here(at)}: an alternative is gone or narrower"
        for each in after:
            if not any(self._fits(other, each, seen) for other in before):
                yield f"{_here(at)}: there is a new alternative"

    def _fits(self, old: Node, new: Node, seen: Seen) -> bool:
        return not any(self.differences(old, new, "", seen))

    def _of_patterns(self, old: Schema, new: Schema, at: str, seen: Seen) -> Iterator[str]:
        before, after = old.get("patternProperties", {}), new.get("patternProperties", {})
        for pattern in before:
            if pattern not in after:
                yield f"{_here(at)}: names like {pattern} are gone"
            else:
                yield from self.differences(before[pattern], after[pattern], f"{at}.*", seen)


def _of_truths(old: Node, new: Node, at: str) -> Iterator[str]:
    # True takes anything, False nothing; a schema stands between.
    if old is not False and new is False:
        yield f"{_here(at)}: takes nothing any more"
    elif old in (True, {}) and new not in (True, {}):
        yield f"{_here(at)}: takes less than anything"


def _of_values(old: Schema, new: Schema, at: str) -> Iterator[str]:
    for word in _SAME:
        before, after = _sorted(old.get(word)), _sorted(new.get(word))
        # A rule that is dropped lets more in; a type that is dropped changes what readers get.
        dropped = after is None and word not in {"type", "format"}
        if before != after and not dropped:
            yield f"{_here(at)}: {word} was {before} and is {after}"
    for word in _AT_MOST:
        if word in new and (word not in old or new[word] < old[word]):
            yield f"{_here(at)}: {word} is narrower"
    for word in _AT_LEAST:
        if word in new and (word not in old or new[word] > old[word]):
            yield f"{_here(at)}: {word} is narrower"
    yield from _of_lists(old, new, at)


def _of_lists(old: Schema, new: Schema, at: str) -> Iterator[str]:
    if ("enum" in old) != ("enum" in new):
        yield f"{_here(at)}: became a closed list or ceased to be one"
        return
    gone = [str(each) for each in old.get("enum", ()) if each not in new["enum"]]
    if gone:
        yield f"{_here(at)}: {', '.join(gone)} is gone from the closed list"


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    while "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        schema = {**definitions[name], **{k: v for k, v in schema.items() if k != "$ref"}}
    return schema


def _sorted(value: object) -> object:
    return sorted(value) if isinstance(value, list) else value


def _place(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _here(at: str) -> str:
    return at or "the whole"
