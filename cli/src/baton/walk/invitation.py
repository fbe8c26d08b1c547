"""What to try next: addresses and commands that work when they are pasted.

Called by the walk. Every address is made from the services' public addresses. Pure.
"""

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

GOOGLE = "/v1/sources/google-demo"
KEY = "demo-google-key"
_WIDEST = 60
"""Columns up to which the second ones stand below each other."""


@dataclass(frozen=True)
class Invitation:
    """What the page ends with."""

    urls: Mapping[str, str]
    """Service to public address."""
    call: Callable[[str], str]
    """Makes a command of baton one to paste in this folder, with what it has to be told."""
    email: str
    rep: str | None
    """A rep who did not get the lead."""
    deadline: str | None
    config: str
    token: str


def lines(told: Invitation) -> Iterator[str]:
    """Yield the lines. Nothing in them may be wrapped or changed: they are to be pasted."""
    not_rep = f" --not {told.rep}" if told.rep else ""
    tries = {
        f"{told.urls['ingest']}/try": "fill in the form yourself",
        told.call("watch"): "leads as they walk",
        told.call(f"why {told.email}{not_rep}"): f"why not {told.rep}?" if told.rep else "why?",
    }
    if told.deadline is not None:
        tries[f"(or do nothing until {told.deadline})"] = (
            f"the breach appears in {told.call('watch')}"
        )
    tries[f"{told.call('check')} && {told.call('policies diff')}"] = (
        f"edit {told.config}, see what it would change"
    )
    width = min(max(len(each) for each in tries), _WIDEST)
    yield "  Try"
    for what, why in tries.items():
        yield f"    {what:<{width}}   {why}"
    yield "  Send another"
    yield from curl(told.urls["ingest"])
    apis = "  ".join(f"{service} {url}" for service, url in told.urls.items())
    yield f"  APIs  {apis}   each with /docs"
    yield f"  Token {told.token}"


def curl(ingest: str) -> Iterator[str]:
    """Yield the lines of a request that makes a new lead each time it is pasted into a shell."""
    yield f"    curl {shlex.quote(ingest + GOOGLE)} -H 'content-type: application/json' -d '{{"
    yield f'      "google_key": "{KEY}", "lead_id": "\'$RANDOM$RANDOM\'", "user_column_data": ['
    yield '      {"column_id": "EMAIL", "string_value": "you\'$RANDOM\'@firm.example"},'
    yield '      {"column_id": "COUNTRY", "string_value": "DE"},'
    yield '      {"column_id": "COMPANY_SIZE", "string_value": "51-200"},'
    yield '      {"column_id": "JOB_TITLE", "string_value": "Head of IT"}]}\''
