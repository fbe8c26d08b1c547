"""The router that services make their routes on: bodies are read by orjson, strictly.

``json`` takes NaN, lone surrogates and any depth, each of which fails later and less clearly. What
is asked for is held to its parameters: a filter with a typing error would list everything.
"""

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from chassis.http.direct import Answer, Direct
from chassis.http.problem import FieldError, Problem, ProblemKind

_MOST_NAMED = 10
_LONGEST_NAME = 100


class _StrictRequest(Request):
    async def json(self) -> Any:  # noqa: ANN401 - JSON's values
        """Return the body. Raises json.JSONDecodeError, of which orjson's is one."""
        if not hasattr(self, "_json"):
            self._json = orjson.loads(await self.body())
        return self._json


class _StrictRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler, given a request that reads strictly."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            if request.method == "GET" and self.include_in_schema:
                _hold_to(frozenset(_parameters(self.dependant)), request)
            return await handler(_StrictRequest(request.scope, request.receive))

        return strict


def _parameters(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _parameters(inner)


def _hold_to(known: frozenset[str], request: Request) -> None:
    """Raise Problem 400 for a parameter in the query that the route does not know."""
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if not unknown:
        return
    expected = f"known here: {', '.join(sorted(known))}" if known else "this path has none"
    # Whoever asks chooses the names, so one may be somebody's address.
    named = ["…" if "@" in name else name[:_LONGEST_NAME] for name in unknown[:_MOST_NAMED]]
    raise Problem(
        ProblemKind.BAD_REQUEST,
        f"Unknown parameter: {', '.join(named)}; {expected}.",
        errors=[FieldError(f"query.{name}", f"is not known here; {expected}") for name in named],
    )


class Router(APIRouter):
    """An APIRouter with strict bodies."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - APIRouter's own options
        super().__init__(**({"route_class": _StrictRoute} | options))
        self.directs: list[Direct] = []

    def direct(self, method: str, template: str, answer: Answer) -> None:
        """Have the edge answer this path itself; a route of the same path documents it."""
        self.directs.append(Direct(method, template, answer))
