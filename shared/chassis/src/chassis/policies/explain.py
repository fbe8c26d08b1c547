"""Turns pydantic's errors into errors of a policy file: place, sentence, nearest known key.

Called by `document.validate` only. Must not repeat values that may be secrets.
"""

import difflib
import re
import types
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from chassis.policies.errors import Path, PolicyError
from chassis.wording import place_in, said

if TYPE_CHECKING:
    from chassis.policies.document import Document

_SECRET = re.compile(r"secret|token|password|credential|api_?key|url", re.IGNORECASE)
_LONGEST_SHOWN = 60


def explain(
    document: "Document", model: type[BaseModel], error: ValidationError
) -> tuple[PolicyError, ...]:
    """Return one error for each place that pydantic found at fault."""
    grouped: dict[tuple[int, int, Path], list[str]] = {}
    for details in error.errors(include_url=False):
        found = _explained(document, model, details)
        grouped.setdefault((found.line, found.column, found.path), []).append(found.message)
    return tuple(
        PolicyError(document.file, line, column, path, _joined(messages))
        for (line, column, path), messages in grouped.items()
    )


def _explained(document: "Document", model: type[BaseModel], details: ErrorDetails) -> PolicyError:
    path = _path(document.data, details["loc"])
    kind = details["type"]
    context = details.get("ctx", {})
    message = said(details)
    if kind == "extra_forbidden":
        return document.error(path, _unknown_key(model, path), at_key=True)
    if kind == "missing":
        return document.error(path, f"{details['loc'][-1]} is missing here", at_key=True)
    if kind.startswith("union_tag_"):
        (tag,) = place_in(details)
        return document.error((*path, tag), f"{tag}: {message}")
    if isinstance(context.get("path"), tuple):
        return document.error((*path, *context["path"]), message)
    if isinstance(context.get("column"), int):
        return document.error_within(path, context.get("line", 1), context["column"], message)
    at_key = details["loc"][-1:] == ("[key]",)
    return document.error(path, message + _got(path, details["input"]), at_key=at_key)


def _path(data: Any, location: Sequence[str | int]) -> Path:  # noqa: ANN401 -- plain data
    """Keep of pydantic's location what is in the file: unions and validators add words."""
    path: list[str | int] = []
    for step in location:
        if isinstance(data, Mapping) and str(step) in data:
            path.append(str(step))
            data = data[str(step)]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            path.append(step)
            data = data[step]
    return tuple(path)


def _unknown_key(model: type[BaseModel], path: Path) -> str:
    *above, key = path
    known = sorted(_keys(_types_at((model,), above)))
    near = difflib.get_close_matches(str(key), known, n=1, cutoff=0.6)
    if near:
        return f"unknown key {key!r}; did you mean {near[0]!r}?"
    return (
        f"unknown key {key!r}; known here: {', '.join(known)}" if known else f"unknown key {key!r}"
    )


def _types_at(kinds: Iterable[Any], path: Sequence[str | int]) -> tuple[Any, ...]:
    flat = tuple(each for kind in kinds for each in _unwrapped(kind))
    if not path:
        return flat
    below = (inner for kind in flat for inner in _below(kind, path[0]))
    return _types_at(below, path[1:])


def _unwrapped(kind: Any) -> tuple[Any, ...]:  # noqa: ANN401 -- any annotation
    origin = get_origin(kind)
    if origin is Annotated:
        return _unwrapped(get_args(kind)[0])
    if origin in {Union, types.UnionType}:
        return tuple(each for inner in get_args(kind) for each in _unwrapped(inner))
    return (kind,)


def _below(kind: Any, step: str | int) -> tuple[Any, ...]:  # noqa: ANN401 -- any annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = kind.model_fields.items()
        return tuple(f.annotation for name, f in fields if step in {name, f.alias})
    arguments = get_args(kind)
    if not arguments:
        return ()
    return (
        (arguments[-1],) if isinstance(step, str) else tuple(a for a in arguments if a is not ...)
    )


def _keys(kinds: Iterable[Any]) -> set[str]:
    models = (k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel))
    return {f.alias or name for model in models for name, f in model.model_fields.items()}


def _got(path: Path, value: object) -> str:
    secret = any(isinstance(step, str) and _SECRET.search(step) for step in path)
    if secret or not isinstance(value, str | int | float | None):
        return ""
    shown = "nothing" if value is None else repr(value)
    return f" (got {shown[:_LONGEST_SHOWN]})"


def _joined(messages: Sequence[str]) -> str:
    return "; or: ".join(dict.fromkeys(messages))
