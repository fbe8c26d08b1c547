"""What builders wrap fields in, undone: JSON in texts, names in brackets, values in lists. Pure.

Each function takes a body as data, a form's names with their texts, and returns plain fields that
are read by their names. Kinds and presets are made of them; what they do not know they leave.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ingest.domain.flattening import flattened
from ingest.domain.json_text import NotJson, parse
from ingest.domain.naming import is_known
from ingest.domain.sent import NoJson

_ASKED = ("name", "field", "key", "question", "label", "field_name")
_NUMBERED = re.compile(r"q([0-9]+)_(.+)")
_BRACKETS = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
_BETWEEN = re.compile(r"\[([^\[\]]*)\]")
_OF_A_NAME = frozenset({"prefix", "first", "middle", "last", "suffix"})
_WIDGETS = {
    "first": "first_name",
    "last": "last_name",
    "addr_line1": "street",
    "city": "city",
    "postal": "postal_code",
    "country": "country",
}
_NESTED, _DEEPEST = 2, 10
_SAID = ("value", "values", "answer", "answers", "field_value")


def answers(data: Any, name: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON's values
    """Yield names and texts as ``flattened`` does, of ``{"name": N, "value": V}`` as ``N: V``."""
    if isinstance(data, Mapping):
        asked = next((data[each] for each in _ASKED if isinstance(data.get(each), str)), None)
        said = next((each for each in _SAID if each in data), None)
        if asked and said is not None:
            others = {k: v for k, v in data.items() if v is not asked and k != said}
            yield from flattened(data[said], asked)
            yield from flattened(others, asked)
            return
        for key, value in data.items():
            yield from answers(value, f"{name}.{key}" if name else str(key))
    elif isinstance(data, list):
        for each in data:
            yield from answers(each, name)
    else:
        yield from flattened(data, name)


def jotform(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return Jotform's fields: ``rawRequest`` is JSON in a text, its names are ``q3_email``.

    ``pretty`` says the same again in words. Raises NoJson.
    """
    raw = _inside(body, "rawRequest")
    if raw is None:
        return dict(body)
    out = {k: v for k, v in body.items() if k not in {"rawRequest", "pretty"}}
    for key, value in raw.items():
        name = _unnumbered(key)
        for part, each in _parted(name, value):
            _keep(out, key if part in out else part, each)
    return out


def unbounce(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return Unbounce's fields: ``data.json`` is JSON in a text, and each value in it a list.

    ``data.xml`` says the same again. Raises NoJson.
    """
    raw = _inside(body, "data.json")
    if raw is None:
        return dict(body)
    out = {key: _only(value) for key, value in raw.items()}
    for key, value in body.items():
        if key not in {"data.json", "data.xml"}:
            _keep(out, key, value)
    return out


def contact_form_7(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form's own fields: ``_wpcf7_version`` and such are the plugin's."""
    form = body.get("_wpcf7")
    own: dict[str, Any] = {}
    for key, value in body.items():
        if not key.startswith("_wpcf7"):
            _keep(own, key.removesuffix("[]") or key, value)
    return own if form is None or "form_id" in own else {**own, "form_id": form}


def elementor(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return Elementor's fields, of both modes: ``fields[email][value]``, or plain labels."""
    nested = _unbracketed(body)
    fields = nested.pop("fields", None)
    if not isinstance(fields, Mapping):
        return dict(body)
    out: dict[str, Any] = {}
    for key, field in fields.items():
        name, value = _elementor_field(str(key), field)
        _keep(out, str(key) if name in out else name, value)
    for key, each in _object(nested, "meta").items():
        value = each.get("value") if isinstance(each, Mapping) else each
        _keep(out, key if key == "page_url" else f"meta.{key}", value)
    for key, value in _object(nested, "form").items():
        _keep(out, f"form_{key}", value)
    for key, value in nested.items():
        _keep(out, key, value)
    return out


def zapier(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields whose names were joined by two underscores, one inside the other."""
    out: dict[str, Any] = {}
    for key, value in body.items():
        path = [each for each in key.split("__") if each]
        if len(path) < _NESTED or not _put(out, path, value):
            _keep(out, key, value)
    return out


def _inside(body: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Return the object that stands as JSON in a field's text; None where the field is missing."""
    raw = body.get(name)
    if not isinstance(raw, str):
        return raw if isinstance(raw, Mapping) else None
    try:
        found = parse(raw.encode("utf-8", "replace"))
    except NotJson as error:
        raise NoJson(f"In `{name}`, {error}.") from None
    if not isinstance(found, Mapping):
        raise NoJson(f"In `{name}`, the JSON is no object.")
    return found


def _unnumbered(key: str) -> str:
    """Return a question's name without its number: ``q3_email``, and ``q3_email3`` of old forms."""
    found = _NUMBERED.fullmatch(key)
    if found is None:
        return key
    bare = found[2].removesuffix(found[1])
    return bare if is_known(bare) else found[2]


def _parted(name: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON's values
    """Yield the parts of a widget's value by names that are known; others stay as they are."""
    if not isinstance(value, Mapping):
        yield name, value
    elif set(value) <= _OF_A_NAME and value:
        for part, each in value.items():
            yield _WIDGETS.get(part, f"{name}.{part}"), each
    elif "full" in value and len(value) == 1:
        yield name, value["full"]
    elif "addr_line1" in value:
        for part, each in value.items():
            yield _WIDGETS.get(part, f"{name}.{part}"), each
    elif "area" in value and "phone" in value:
        texts = (value.get(part) for part in ("country", "area", "phone"))
        yield name, " ".join(str(each) for each in texts if each)
    else:
        yield name, value


def _only(value: Any) -> Any:  # noqa: ANN401 - JSON's values
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _unbracketed(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``{"a": {"b": 1}}`` for ``a[b]``; what does not fit stays under its name."""
    out: dict[str, Any] = {}
    for key, value in body.items():
        found = _BRACKETS.fullmatch(key)
        path = [] if found is None else [found[1], *_BETWEEN.findall(found[2])]
        if not path or not _put(out, path, value):
            _keep(out, key, value)
    return out


def _object(fields: dict[str, Any], name: str) -> Mapping[str, Any]:
    """Take an object out of fields; anything else under its name stays there."""
    return fields.pop(name) if isinstance(fields.get(name), Mapping) else {}


def _elementor_field(key: str, field: Any) -> tuple[str, Any]:  # noqa: ANN401 - JSON's values
    """Return a field's name and value: ids that Elementor made up tell less than the title."""
    if not isinstance(field, Mapping):
        return key, field
    title, value = field.get("title"), field.get("value", field.get("raw_value"))
    if is_known(key):
        return key, value
    by_type = {"email": "email", "tel": "phone"}.get(str(field.get("type")))
    named = title if isinstance(title, str) and title.strip() else key
    return by_type or named, value


def _keep(into: dict[str, Any], name: str, value: object) -> None:
    """Set a value under its name; a name that is filled in twice holds both."""
    if name not in into:
        into[name] = value
    elif into[name] != value:
        before = into[name]
        into[name] = [*(before if isinstance(before, list) else [before]), value]


def _put(into: dict[str, Any], path: Sequence[str], value: object) -> bool:
    """Set a value deep inside; tell whether its place was free."""
    if len(path) > _DEEPEST:
        return False
    for name in path[:-1]:
        inner = into.setdefault(name, {})
        if not isinstance(inner, dict):
            return False
        into = inner
    if path[-1] in into:
        return False
    into[path[-1]] = value
    return True
