"""Whom an operator's command asks: one service, those named, or all of them.

Called by parked, lanes and verify. Asks nothing itself.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated

import httpx
import typer

from baton.client import Refusal
from baton.local.trouble import Trouble
from contracts.topics import SERVICES

OneService = Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.")]
Services = Annotated[
    list[str] | None, typer.Argument(help=f"Some of {', '.join(SERVICES)}; all when left out.")
]


def chosen(named: Iterable[str] | None) -> tuple[str, ...]:
    """Return the services named, all where none is. Raises Trouble for one that is none."""
    wanted = tuple(named or SERVICES)
    for each in wanted:
        if each not in SERVICES:
            raise Trouble(f"there is no service {each!r}: choose from {', '.join(SERVICES)}")
    return wanted


@contextmanager
def unless_absent(told: str) -> Iterator[None]:
    """Say this instead where a service answers that it has no such thing. Raises Trouble."""
    try:
        yield
    except Refusal as refusal:
        if refusal.status == httpx.codes.NOT_FOUND:
            raise Trouble(told) from refusal
        raise


def admin(service: str, path: str) -> str:
    """Return the path of an operators' route of a service."""
    return f"/v1/admin/{service}/{path}"
