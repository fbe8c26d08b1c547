"""What ingest has of a lead that got no further, as lines: where it waits, why, what would move it.

Called by the page, on the answer of `POST /v1/admin/ingest/find`. Pure: asks nothing.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from baton.calling import call
from baton.hindrances import hindrance
from baton.terminal import instant, table

Json = dict[str, Any]


def waiting_lines(found: Json) -> Iterator[RenderableType]:
    """Yield each fetch that waits or was given up, and each body that was put aside."""
    for each in found["fetches"]:
        yield Text(f"  Lead {each['lead']} of {each['source']}   found by its id there", "bold")
        yield _told(_fetch(each))
        yield _command(f"fetches retry {each['id']}")
    for each in found["parked"]:
        yield Text(f"  What {each['source']} sent   found in its body", "bold")
        yield _told(_body(each))
        yield _command(f"parked retry ingest {each['parked_id']}")


def is_empty(found: Json | None) -> bool:
    """Tell whether nothing waits there under what was looked for."""
    return found is None or not (found["fetches"] or found["parked"])


def _fetch(each: Json) -> Iterator[tuple[str, str]]:
    is_waiting = each["state"] == "waiting"
    word = "waiting to be fetched" if is_waiting else "given up"
    yield "stands at", f"{word}; its platform told of it {instant(each['received_at'])} UTC."
    failed = f"; {each['tries']} tries failed" if each["tries"] else ""
    yield "because", f"{hindrance(each) or 'it is not its turn yet'}{failed}"
    if is_waiting:
        yield "moved by", f"the next try, {instant(each['due_at'])} UTC; or at once:"
    else:
        yield "moved by", "what hindered it mended, then:"


def _body(each: Json) -> Iterator[tuple[str, str]]:
    yield "stands at", f"parked since {instant(each['parked_at'])} UTC: no touch was made of it."
    yield "because", each["detail"]
    yield "moved by", "the sender or its mapping mended, then:"


def _command(words: str) -> Text:
    """Return a command in one piece, however narrow the terminal: it is there to be pasted."""
    return Text(f"      {call(words)}", no_wrap=True, overflow="ignore")


def _told(rows: Iterable[tuple[str, str]]) -> RenderableType:
    shown = table("", "", rows=((Text(f"    {title}", "cyan"), told) for title, told in rows))
    shown.show_header = False
    return shown
