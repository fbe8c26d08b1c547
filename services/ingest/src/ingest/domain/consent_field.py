"""What a field of a form says of a consent. Pure."""

from collections.abc import Mapping

_NO = frozenset({"no", "off", "false", "0", "nein", "non"})


def consents(fields: Mapping[str, str], name: str) -> bool | None:
    """Return what a field says of a consent; None where it is not there: nobody said."""
    value = fields.get(name)
    return None if value is None else value.casefold() not in _NO
