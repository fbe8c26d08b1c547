"""The router that services make their routes on: bodies are read by orjson, strictly.

``json`` takes NaN, lone surrogates and any depth, each of which fails later and less clearly.
"""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute


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
            return await handler(_StrictRequest(request.scope, request.receive))

        return strict


class Router(APIRouter):
    """An APIRouter with strict bodies."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - APIRouter's own options
        super().__init__(**({"route_class": _StrictRoute} | options))
