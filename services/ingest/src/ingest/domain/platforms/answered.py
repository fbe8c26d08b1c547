"""What any platform's answer says by its status, before its body is read. Pure.

Each platform's module asks here first and adds the errors of its own.
"""

import re
from collections.abc import Sequence
from typing import Any

from ingest.domain.fetching import Got, Hindered, Hindrance
from ingest.domain.flattening import text_of
from ingest.domain.json_text import NotJson, parse

_LONGEST_WAIT_S = 86_400.0
_BY_STATUS = {
    401: Hindrance.TOKEN,
    403: Hindrance.TOKEN,
    404: Hindrance.ABSENT,
    410: Hindrance.ABSENT,
    429: Hindrance.THROTTLED,
}
_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")
_OK, _SERVER_ERROR = 200, 500


def data_of(got: Got) -> Any:  # noqa: ANN401 - JSON's values
    """Return the body as data, or None where it is no JSON."""
    try:
        return parse(got.body)
    except NotJson:
        return None


def hindered(got: Got) -> Hindered | None:
    """Return what hinders by the status, or None for a success."""
    if got.status == _OK:
        return None
    why = _BY_STATUS.get(got.status)
    if why is None:
        unreachable = got.status >= _SERVER_ERROR
        why = Hindrance.UNREACHABLE if unreachable else Hindrance.UNREADABLE
    return Hindered(why, wait_asked_s(got))


def read_object(got: Got) -> dict[str, Any] | Hindered:
    """Return a success's object, or what hinders."""
    data = data_of(got)
    return hindered(got) or (data if isinstance(data, dict) else Hindered(Hindrance.UNREADABLE))


def wait_asked_s(got: Got) -> float | None:
    """Return how long the platform says to wait, in seconds; None: it says nothing readable."""
    text = got.headers.get("retry-after", "")
    return min(float(text), _LONGEST_WAIT_S) if text.isascii() and text.isdecimal() else None


def entries_of(data: object, name: str) -> Sequence[Any]:
    """Return a list of an answer; none where there is no such one."""
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, list) else ()


def ids_of(entries: Sequence[object]) -> list[str]:
    """Return the ids of a list's entries; one that fits into no address is left out."""
    texts = [text_of(each.get("id")) for each in entries if isinstance(each, dict)]
    return [text for text in texts if text is not None and _ID.fullmatch(text)]


def object_of(data: object, *path: str) -> dict[str, Any]:
    """Return an object inside an answer; an empty one where there is no such one."""
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}
