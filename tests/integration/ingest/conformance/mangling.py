"""Right bodies made wrong in their structure: values of other types, fields gone, names that hurt.

A body in JSON, or a form's fields; what is JSON in a text inside of them is reached as well.
"""

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any
from urllib.parse import parse_qsl, urlencode

from hypothesis import strategies as st

from tests.integration.ingest.conformance.wire import Wire

Place = tuple[str | int, ...]

_DEEP: list[Any] = []
for _ in range(30):
    _DEEP = [_DEEP]
_ODD: Sequence[Any] = (
    None, True, 0, -1, 2**70, 1.5, "", " ", "\ud800", "a\x00b", "é" * 300, "x" * 2_000,
    [], {}, [[]], [None], {"": {}}, {"a": {"b": [1, "x"]}}, {"full": 1}, {"first": {}}, _DEEP,
    "{", '{"a": 1}', "[1]", '"x"', "null", "9" * 60, "2026-11-02T09:19:07Z", "<b>", "a@b",
)  # fmt: skip
_NAMES = ("", " ", "\ud800", "\x00", "__proto__", "id", "email", "a.b", "a[b][c]", "[", "__", "q1_")


def is_mangled(wire: Wire) -> bool:
    """Tell whether a request is one whose body is known here."""
    return "multipart" not in wire.headers.get("content-type", "")


@st.composite
def mangled(draw: st.DrawFn, wire: Wire) -> bytes:
    """Draw a body that differs from the right one in one to three places."""
    data = _data(wire)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(data))
        if places:
            data = _changed(draw, data, draw(st.sampled_from(places)))
    return _body(wire, data)


def _is_json(wire: Wire) -> bool:
    return wire.body[:1] in {b"{", b"["}


def _data(wire: Wire) -> Any:  # noqa: ANN401 - JSON's values
    if _is_json(wire):
        return _unwrapped(json.loads(wire.body))
    return _unwrapped(dict(parse_qsl(wire.body.decode(), keep_blank_values=True)))


def _unwrapped(data: Any) -> Any:  # noqa: ANN401 - JSON's values
    """Return the data with JSON in texts as ``_Text``, so that places in it are found."""
    if isinstance(data, dict):
        return {key: _unwrapped(each) for key, each in data.items()}
    if isinstance(data, list):
        return [_unwrapped(each) for each in data]
    if isinstance(data, str) and data[:1] in {"{", "["}:
        return _Text(json.loads(data))
    return data


class _Text(dict[str, Any]):
    """An object that is sent as JSON in a text."""


def _places(data: Any, place: Place = ()) -> Iterator[Place]:  # noqa: ANN401 - JSON's values
    inner = data.items() if isinstance(data, dict) else enumerate(data)
    for key, each in inner:
        yield (*place, key)
        if isinstance(each, dict | list):
            yield from _places(each, (*place, key))


def _changed(draw: st.DrawFn, data: Any, place: Place) -> Any:  # noqa: ANN401 - JSON's values
    data = deepcopy(data)
    inside = data
    for key in place[:-1]:
        inside = inside[key]
    last = place[-1]
    how = draw(st.sampled_from(["replace", "drop", "rename", "wrap"]))
    if how == "replace":
        inside[last] = deepcopy(draw(st.sampled_from(_ODD)))
    elif how == "wrap":
        inside[last] = [inside[last], inside[last]]
    elif how == "drop" or not isinstance(inside, dict):
        del inside[last]
    else:
        inside[draw(st.sampled_from(_NAMES))] = inside.pop(last)
    return data


def _wrapped(data: Any) -> Any:  # noqa: ANN401 - JSON's values
    if isinstance(data, dict):
        inner = {key: _wrapped(each) for key, each in data.items()}
        return json.dumps(inner) if isinstance(data, _Text) else inner
    return [_wrapped(each) for each in data] if isinstance(data, list) else data


def _body(wire: Wire, data: Any) -> bytes:  # noqa: ANN401 - JSON's values
    whole = _wrapped(data)
    if _is_json(wire):
        return json.dumps(whole).encode()
    pairs = [
        (name, each if isinstance(each, str) else json.dumps(each)) for name, each in whole.items()
    ]
    return urlencode(pairs, errors="replace").encode()
