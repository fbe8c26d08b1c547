"""A policy file as plain data with the place of each value; checked against a pydantic model.

`load` reads YAML 1.2 (core schema, no anchors, no tags, no doubled keys), `validate` makes the
model or raises PolicyRefused with every error's file, line and column.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml import events as yaml
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError

from chassis.policies.errors import Path, PolicyError, PolicyRefused
from chassis.policies.explain import explain
from chassis.policies.scalars import Written, meaning

LARGEST = 1_000_000
DEEPEST = 20

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Document:
    """A policy file as plain data, all keys texts, and where each value stands.

    `positions` leads from a path to the line and column of its value, `keys` to those of its
    key, both from 1.
    """

    file: str
    data: Any
    positions: Mapping[Path, tuple[int, int]]
    keys: Mapping[Path, tuple[int, int]]
    written: Mapping[Path, Written] = field(repr=False)

    def error(self, path: Path, message: str, *, at_key: bool = False) -> PolicyError:
        """Return an error at the value (or key) of `path`, or at the nearest there is above it."""
        places = self.keys if at_key else self.positions
        for length in range(len(path), -1, -1):
            found = places.get(path[:length]) or self.positions.get(path[:length])
            if found:
                return PolicyError(self.file, *found, path, message)
        return PolicyError(self.file, 1, 1, path, message)

    def error_within(self, path: Path, line: int, column: int, message: str) -> PolicyError:
        """Return an error at a place within the text at `path`, line and column from 1."""
        written = self.written.get(path)
        if written is None:
            return self.error(path, message)
        return PolicyError(self.file, *written.place(line, column), path, message)


def read(path: FilePath, name: str | None = None) -> Document:
    """Read a policy file; `name` is what errors call it. Raises PolicyRefused, OSError."""
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    return load(content, name or str(path))


def load(content: bytes | str, name: str) -> Document:
    """Read a policy's text; `name` is what errors call the file. Raises PolicyRefused."""
    text = _decoded(content, name)
    builder = _Builder(name, text)
    try:
        data = builder.document()
    except MarkedYAMLError as error:
        raise PolicyRefused([_from_yaml(error, name)]) from None
    except YAMLError as error:
        raise PolicyRefused([PolicyError(name, 1, 1, (), _first_line(str(error)))]) from None
    if builder.errors:
        raise PolicyRefused(builder.errors)
    return Document(name, data, builder.positions, builder.keys, builder.written)


def validate(
    document: Document, model: type[Model], context: Mapping[str, Any] | None = None
) -> Model:
    """Return the document as a `model`. Raises PolicyRefused with all errors found.

    `context` is handed to validators; conditions take known list names as `{"lists": names}`.
    A validator that looks across the whole may raise PydanticCustomError with `path` in its
    context, a tuple that leads from its own place to the value at fault.
    """
    try:
        return model.model_validate(document.data, context=dict(context or {}))
    except ValidationError as error:
        raise PolicyRefused(explain(document, model, error)) from None


class _Builder:
    """Makes plain data from the events of YAML's parser, and notes places and errors."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.errors: list[PolicyError] = []
        self.positions: dict[Path, tuple[int, int]] = {}
        self.keys: dict[Path, tuple[int, int]] = {}
        self.written: dict[Path, Written] = {}
        self.events: Iterator[Any] = iter(())

    def document(self) -> Any:  # noqa: ANN401 -- plain data
        self.events = iter(YAML(typ="safe", pure=True).parse(self.text))
        self._next()
        start = self._next()
        if isinstance(start, yaml.StreamEndEvent):
            return None
        if start.version or start.tags:
            self._wrong(start, (), "leave out the % directives: policies are YAML 1.2")
        data = self._value(self._next(), ())
        self._next()
        if not isinstance(self._next(), yaml.StreamEndEvent):
            self.errors.append(PolicyError(self.name, 1, 1, (), "one document in a file, no ---"))
        return data

    def _next(self) -> Any:  # noqa: ANN401 -- an event
        return next(self.events)

    def _value(self, event: Any, path: Path) -> Any:  # noqa: ANN401 -- an event, plain data
        self.positions[path] = _place(event)
        if isinstance(event, yaml.AliasEvent):
            self._wrong(event, path, "write the value out: aliases (*name) are not read")
            return None
        if event.anchor:
            self._wrong(event, path, "leave out the anchor (&name): aliases are not read")
        if event.tag and not (isinstance(event, yaml.ScalarEvent) and event.tag == "!"):
            self._wrong(event, path, "leave out the tag: values need none")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if len(path) >= DEEPEST:
            raise PolicyRefused(
                [PolicyError(self.name, *_place(event), path, f"nested deeper than {DEEPEST}")]
            )
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _scalar(self, event: Any, path: Path) -> Any:  # noqa: ANN401 -- an event, plain data
        start, end = event.start_mark, event.end_mark
        raw = self.text[start.index : end.index]
        self.written[path] = Written(*_place(event), event.style or None, raw, event.value)
        if event.style:
            return event.value
        try:
            return meaning(event.value)
        except ValueError as error:
            self._wrong(event, path, str(error))
            return None

    def _sequence(self, path: Path) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            values.append(self._value(event, (*path, len(values))))
        return values

    def _mapping(self, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                message = "a key must be a plain text"
                raise PolicyRefused([PolicyError(self.name, *_place(event), path, message)])
            key = event.value
            if key in values:
                line = self.keys[*path, key][0]
                self._wrong(event, (*path, key), f"{key!r} stands here already, in line {line}")
            self.keys[*path, key] = _place(event)
            values[key] = self._value(self._next(), (*path, key))
        return values

    def _wrong(self, event: Any, path: Path, message: str) -> None:  # noqa: ANN401 -- an event
        self.errors.append(PolicyError(self.name, *_place(event), path, message))


def _decoded(content: bytes | str, name: str) -> str:
    if len(content) > LARGEST:
        message = f"a policy file has at most {LARGEST} bytes; keep long lists in CSV files"
        raise PolicyRefused([PolicyError(name, 1, 1, (), message)])
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = "not UTF-8 text; save the file as UTF-8"
        raise PolicyRefused([PolicyError(name, line, 1, (), message)]) from None


def _place(event: Any) -> tuple[int, int]:  # noqa: ANN401 -- an event
    return event.start_mark.line + 1, event.start_mark.column + 1


def _from_yaml(error: MarkedYAMLError, name: str) -> PolicyError:
    mark: StringMark | None = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = ", ".join(_first_line(part) for part in (error.context, error.problem) if part)
    return PolicyError(name, line, column, (), f"this is no YAML: {said}")


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
