"""How two JSON values differ, as lines for people. Pure.

Called by verify (recorded and derived decisions) and policies (in force and in the files).
"""

import difflib
import json
from collections.abc import Mapping
from io import StringIO

from ruamel.yaml import YAML

CONTEXT = 2
"""Lines that stay equal shown around each change."""


def differing(recorded: object, derived: object, place: str = "") -> list[str]:
    """Return the fields in which two JSON values differ, each with both values.

    What only one of the two has is told field by field too.
    """
    pairs = _pairs(recorded, derived, place)
    if pairs is None:
        if recorded == derived:
            return []
        return [f"{place or 'it'}: recorded {_shown(recorded)}, derived {_shown(derived)}"]
    return [line for at, old, new in pairs for line in differing(old, new, at)]


def _pairs(
    recorded: object, derived: object, place: str
) -> list[tuple[str, object, object]] | None:
    """Return the parts of two values beside each other; None where there are no parts."""
    old, new = _parts(recorded, place), _parts(derived, place)
    if recorded is None and new:
        old = {}
    elif derived is None and old:
        new = {}
    elif type(recorded) is not type(derived):
        return None
    if old is None or new is None:
        return None
    return [(at, old.get(at), new.get(at)) for at in dict.fromkeys([*old, *new])]


def _parts(value: object, place: str) -> dict[str, object] | None:
    if isinstance(value, Mapping):
        return {f"{place}.{name}".lstrip("."): each for name, each in value.items()}
    if isinstance(value, list):
        return {f"{place}[{number}]": each for number, each in enumerate(value)}
    return None


def _shown(value: object) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)


def as_yaml(content: object) -> str:
    """Return JSON as YAML, one value a line, in the order given."""
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment] # a plain switch
    writer.allow_unicode = True
    writer.width = 200
    out = StringIO()
    writer.dump(content, out)
    return out.getvalue()


def changes(before: object, after: object) -> list[str]:
    """Return what changes from one JSON value to the other, as a unified diff of their YAML."""
    lines = difflib.unified_diff(
        as_yaml(before).splitlines() if before is not None else [],
        as_yaml(after).splitlines(),
        "in force",
        "files",
        n=CONTEXT,
        lineterm="",
    )
    return list(lines)
