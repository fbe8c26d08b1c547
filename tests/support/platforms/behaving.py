"""What every platform can do to its callers: throttle, refuse a token, be slow, be away."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "the-platforms-token"


@dataclass
class Platform(ABC):
    """One platform: its leads, its mood, and who has called."""

    leads: dict[str, dict[str, Any]] = field(default_factory=dict)
    token: str = TOKEN
    throttled: int = 0
    """How many of the next calls are refused for the rate."""
    asks_s: int = 1
    """How many seconds it says to wait then."""
    failing: int = 0
    """How many of the next calls end with an error of the server."""
    held: asyncio.Event | None = None
    """What an answer waits for, where it is slow."""
    calls: list[str] = field(default_factory=list)
    """Path and query of each call."""
    agents: list[dict[str, str]] = field(default_factory=list)
    """Headers of each call."""

    def reset(self) -> None:
        """Be in good mood again, without leads and as if nobody had called."""
        self.leads, self.token, self.throttled, self.failing = {}, TOKEN, 0, 0
        self.asks_s = 1
        self.held, self.calls, self.agents = None, [], []

    @abstractmethod
    def served(self) -> "AbstractAsyncContextManager[str]":
        """Serve it; yields the address."""

    async def mood(
        self, request: Request, throttled: Response, expired: Response
    ) -> Response | None:
        """Return how the platform is in the way of a call, if it is."""
        self.calls.append(f"{request.url.path}?{request.url.query}")
        self.agents.append(dict(request.headers))
        if self.held is not None:
            await self.held.wait()
        if self.failing > 0:
            self.failing -= 1
            return JSONResponse({"message": "internal"}, 502)
        if self.throttled > 0:
            self.throttled -= 1
            return throttled
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return expired
        return None


Answering = Callable[[Request], Awaitable[Response]]


@asynccontextmanager
async def serving(*routes: tuple[str, str, Answering]) -> AsyncIterator[str]:
    """Serve on a free port of this machine; yields the address."""
    app = Starlette(routes=[Route(path, answer, methods=[how]) for how, path, answer in routes])
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells no event
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
