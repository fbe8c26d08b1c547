"""The peer: a bare ASGI app under uvicorn that only awaits Kafka's acknowledgement of what came.

`python -m bench.ingest.peer PORT BOOTSTRAP TOPIC`, started by bench.ingest.stage.
"""

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn
from aiokafka import AIOKafkaProducer

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"2")]


class Peer:
    """The app; its producer lives as long as the server."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._bootstrap, self._topic = bootstrap, topic
        self._producer: AIOKafkaProducer | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while (await receive())["type"] == "lifespan.startup":
            self._producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap, acks="all", linger_ms=0
            )
            await self._producer.start()
            await send({"type": "lifespan.startup.complete"})
        if self._producer is not None:
            await self._producer.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, receive: Receive, send: Send) -> None:
        assert self._producer is not None
        parts, more = [], True
        while more:
            message = await receive()
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        await self._producer.send_and_wait(self._topic, value=b"".join(parts))
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": b"{}"})


def main() -> None:
    port, bootstrap, topic = sys.argv[1:4]
    uvicorn.run(Peer(bootstrap, topic), port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
