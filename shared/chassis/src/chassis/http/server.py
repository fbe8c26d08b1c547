"""uvicorn inside the runtime's own loop: bound at once, stopped when the runtime says so.

It takes no signals, so that consumers, publisher and web side stop in the runtime's order. Use
``loop_factory`` for the process' loop.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator

import uvicorn
import uvloop
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis.http.crowd import Crowd, place_of, room_for_connections
from chassis.http.problem import MEDIA_TYPE, Problem, ProblemKind, answer
from chassis.settings import Settings
from chassis.telemetry.metrics import HttpMetric, Meters

_BACKLOG = 2_048
_KEEP_ALIVE_S = 30
_HEAD_S = 15.0
_FORCED_AFTER_S = 2.0
_HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)
_LINGERS_S = 1.0
_CROWDED = bytes(
    answer(
        Problem(ProblemKind.UNAVAILABLE, "Too many connections at once, or of one address.")
    ).body
)
_TURNED_AWAY = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n"
    b"content-type: %b\r\ncontent-length: %d\r\n\r\n%b"
) % (MEDIA_TYPE.encode(), len(_CROWDED), _CROWDED)

loop_factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
"""For ``asyncio.Runner(loop_factory=loop_factory)``."""


class PortTaken(Exception):  # noqa: N818 - it says what to do, for people
    """The address cannot be listened on; the text says what to do."""


class StartFailed(Exception):  # noqa: N818 - it says what happened, for people
    """The app's lifespan did not start."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the runtime."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start; an app that does not must end its own task only, not the process."""
        try:
            await super().startup(sockets)
        except SystemExit:
            self.should_exit = True
            raise StartFailed("the app did not start; its log says why") from None


class _TurnedAway(asyncio.Protocol):
    """Takes the place of a connection there is no room for: answers, listens to nothing, closes.

    To close at once would lose the answer where the client is still sending.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        transport.write(_TURNED_AWAY)
        if transport.can_write_eof():
            transport.write_eof()
        self._timer = asyncio.get_running_loop().call_later(_LINGERS_S, transport.abort)

    def eof_received(self) -> None:
        """Close: the client has heard it."""
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        self._timer.cancel()


class _Bounded(HttpToolsProtocol):
    """Ends a connection whose head is endless or never comes, which uvicorn does not.

    Each address may have so many at once: a slow head never reaches an app that could count it.
    """

    head_bytes = 0
    head_s = 0.0
    crowd: Crowd
    refused: Callable[[], None]
    is_behind_proxies = False
    """Whether addresses are proxies', each of which brings many clients."""
    _head = 0
    _address: str | None = None
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        peer = None if self.is_behind_proxies else transport.get_extra_info("peername")
        self._address = place_of(peer[0]) if isinstance(peer, tuple) else None
        if not self.crowd.enter(self._address):
            self.refused()
            transport.set_protocol(_TurnedAway(transport))
            return
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self.crowd.leave(self._address)
        self._unwatch()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._head = 1
        self._watch()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head = 0
        self._unwatch()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_idle():
            # Line breaks between requests begin none, and stop uvicorn's own watch all the same.
            self._timer = self._timer or self.loop.call_later(self.head_s, self.transport.close)
        if self._head:
            self._head += len(data)
            if self._head > self.head_bytes and not self.transport.is_closing():
                self.transport.write(_HEAD_TOO_LARGE)
                self.transport.close()

    def _is_idle(self) -> bool:
        done = self.cycle is None or self.cycle.response_complete
        return not self._head and done and self.timeout_keep_alive_task is None

    def _watch(self) -> None:
        self._unwatch()
        self._timer = self.loop.call_later(self.head_s, self.transport.close)

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class WebServer:
    """Serves an app on the host and port of the settings. Port 0: any free one.

    A connection that does not send a whole head within ``head_s`` seconds is closed. One more than
    ``max_per_address`` of one address, or than there are files for, is answered 503 and closed.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        *,
        head_s: float = _HEAD_S,
        meters: Meters | None = None,
    ) -> None:
        self._settings = settings
        meters = meters or Meters(settings.service)
        crowd = Crowd(settings.max_per_address, room_for_connections())
        meters.gauge(HttpMetric.CONNECTIONS).set_function(lambda: crowd.size)
        limits = {
            "head_bytes": settings.max_header_bytes,
            "head_s": head_s,
            "crowd": crowd,
            "refused": meters.counter(HttpMetric.REFUSED).labels("crowded").inc,
            "is_behind_proxies": settings.proxy_hops > 0,
        }
        self._server = _Server(
            uvicorn.Config(
                app,
                http=type("Bounded", (_Bounded,), limits),
                ws="none",
                loop="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=max(1, round(settings.stop_grace_s)),
            )
        )
        self._task: asyncio.Task[None] | None = None
        self.port = settings.port
        """The port; the real one after ``start``."""

    async def start(self) -> None:
        """Listen. Raises PortTaken, StartFailed."""
        listening = _bound(self._settings.host, self._settings.port)
        self.port = listening.getsockname()[1]
        self._task = asyncio.create_task(self._server.serve([listening]), name="web server")
        while not self._server.started:
            if self._task.done():
                listening.close()
                await self._task
                raise StartFailed("the app did not start; its log says why")
            await asyncio.sleep(0.005)

    async def closed(self) -> None:
        """Wait until it has ended, by ``stop`` or of itself. Raises what ended it."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def stop(self) -> None:
        """Take no more connections, let requests end within ``stop_grace_s``, then cut them."""
        if self._task is None:
            return
        self._server.should_exit = True
        done, _ = await asyncio.wait(
            {self._task}, timeout=self._settings.stop_grace_s + _FORCED_AFTER_S
        )
        if not done:
            self._server.force_exit = True
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=_FORCED_AFTER_S)


@contextlib.asynccontextmanager
async def serving(
    app: ASGIApp, settings: Settings, meters: Meters | None = None
) -> AsyncIterator[WebServer]:
    """Serve an app around a block. Raises PortTaken, StartFailed."""
    server = WebServer(app, settings, meters=meters)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def serve(app: ASGIApp, settings: Settings, stop: asyncio.Event) -> None:
    """Serve an app until ``stop`` is set. Raises PortTaken, StartFailed."""
    async with serving(app, settings):
        await stop.wait()


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError:
        raise PortTaken(f"{host} is no address of this machine: set BATON_HOST") from None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise PortTaken(
            f"port {port} on {host} cannot be listened on ({error.strerror}): stop what uses it "
            "or set BATON_PORT"
        ) from None
    return listening
