"""Paths that the edge answers itself, past FastAPI's routing, parameters and response models.

For the few that are asked thousands of times a second; a router names them beside the route that
documents them, and make_app holds that route to be open to all.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

Answer = Callable[[str, Request], Awaitable[Response]]
"""From the last part of the path and the request. Raises what any route raises."""


@dataclass(frozen=True, slots=True)
class Direct:
    """One method of one path whose last part is a parameter: ``/v1/things/{thing}``."""

    method: str
    template: str
    answer: Answer

    @property
    def prefix(self) -> str:
        """What stands before the parameter."""
        return self.template.partition("{")[0]


class Directs:
    """Those of an app, by method and prefix."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Direct] = {}

    def take(self, routers: Iterable[APIRouter]) -> list[Direct]:
        """Add those that routers name, and return them."""
        taken = [each for router in routers for each in getattr(router, "directs", ())]
        self._found |= {(each.method, each.prefix): each for each in taken}
        return taken

    def of(self, scope: Scope) -> tuple[Direct, str] | None:
        """Return which of them a request is for, and its parameter; None: the app answers it."""
        before, slash, last = scope["path"].rpartition("/")
        direct = self._found.get((scope["method"], before + slash))
        return None if direct is None or not last else (direct, last)
