"""The floor's web side: a bare ASGI app that answers once Kafka has the record.

`python -m bench.floor.front JOB`, started by bench.stage.
"""

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson
import uvicorn
from aiokafka import AIOKafkaProducer

from bench.floor import FrontJob
from bench.floor.records import lane_of, record

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Front:
    """The app; its producer lives as long as the server."""

    def __init__(self, job: FrontJob) -> None:
        self._job = job
        self._producer: AIOKafkaProducer | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while (await receive())["type"] == "lifespan.startup":
            self._producer = AIOKafkaProducer(
                bootstrap_servers=self._job.bootstrap, acks="all", linger_ms=0
            )
            await self._producer.start()
            await send({"type": "lifespan.startup.complete"})
        if self._producer is not None:
            await self._producer.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, receive: Receive, send: Send) -> None:
        assert self._producer is not None
        while (await receive()).get("more_body"):
            continue
        made, value, headers = record(None, self._job.size)
        await self._producer.send_and_wait(
            self._job.topic,
            value=value,
            key=made.encode(),
            partition=lane_of(made, self._job.lanes),
            headers=headers,
        )
        told = [(b"content-type", b"application/json"), (b"x-baton-touch-id", made.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": told})
        await send({"type": "http.response.body", "body": b"{}"})


def main() -> None:
    job = FrontJob(**orjson.loads(sys.argv[1]))
    uvicorn.run(Front(job), port=job.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
