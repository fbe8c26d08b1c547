"""How two JSON values differ, as lines for people. Pure.

Called by verify (recorded and derived decisions) and policies (in force and in the files).
"""

import difflib
from collections.abc import Mapping
from io import StringIO

from ruamel.yaml import YAML

CONTEXT = 2
"""Lines that stay equal shown around each change."""


def differing(recorded: object, derived: object, place: str = "") -> list[str]:
    """Return the places in which two JSON values differ, each with both values."""
    if isinstance(recorded, Mapping) and isinstance(derived, Mapping):
        names = [*recorded, *(name for name in derived if name not in recorded)]
        pairs = [(f"{place}.{name}".lstrip("."), name) for name in names]
        return [
            line
            for at, name in pairs
            for line in differing(recorded.get(name), derived.get(name), at)
        ]
    if isinstance(recorded, list) and isinstance(derived, list) and len(recorded) == len(derived):
        return [
            line
            for number, pair in enumerate(zip(recorded, derived, strict=True))
            for line in differing(*pair, f"{place}[{number}]")
        ]
    if recorded == derived:
        return []
    return [f"{place or 'it'}: recorded {recorded!r}, now {derived!r}"]


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
