"""Whom an operator's command asks: one service, those named, or all of them.

Called by parked, lanes, policies and verify. One that does not answer keeps nobody else's answer
back.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager
from typing import Annotated, TypeVar

import httpx
import typer

from baton.client import Refusal
from baton.local.trouble import Trouble
from baton.terminal import show_trouble
from contracts.topics import SERVICES

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")

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


def ask_each(wanted: Iterable[Key], ask: Callable[[Key], Answer]) -> dict[Key, Answer]:
    """Return what each answered; those that did not are named on standard error.

    The caller ends with exit code 1 where an answer is missing: see `require_all`.
    """
    found: dict[Key, Answer] = {}
    troubles: dict[str, None] = {}
    for each in wanted:
        try:
            found[each] = ask(each)
        except Trouble as trouble:
            troubles[str(trouble)] = None
    for line in troubles:
        show_trouble(line)
    return found


def require_all(wanted: Sequence[object], found: Sized) -> None:
    """End with exit code 1 unless all of them answered."""
    if len(found) < len(wanted):
        raise typer.Exit(1)


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
