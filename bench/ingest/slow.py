"""Slow connections: half never end their head, half never end their body, a byte a second each.

A process of its own: `python -m bench.ingest.slow JOB`, JOB as JSON; it ends when its input does.
One that the server has closed is opened again, so many a second, as slowhttptest does. Prints
"up" once each has been tried, then at the end how many stood and how many were turned away.
"""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson
import uvloop

_OPENING_AT_ONCE = 50
_AGAIN_PER_S = 50


@dataclass(frozen=True, slots=True)
class Job:
    """What is attacked, from which address, by how many connections."""

    url: str
    address: str
    count: int


class Slow:
    """All of them."""

    def __init__(self, job: Job) -> None:
        self._job = job
        parts = urlsplit(job.url)
        self._to = (parts.hostname or "", parts.port or 80)
        head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        self._begins = (
            f"{head}X-Slow: ".encode(),
            f"{head}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n".encode(),
        )
        self._opening = asyncio.Semaphore(_OPENING_AT_ONCE)
        self._tried = 0
        self._up = asyncio.Event()
        self.standing = 0
        self.turned_away = 0

    async def run(self) -> None:
        """Hold on until standard input ends."""
        holders = [asyncio.create_task(self._hold(number)) for number in range(self._job.count)]
        await self._up.wait()
        _tell({"up": self.standing})
        await asyncio.to_thread(sys.stdin.read)
        _tell({"standing": self.standing, "turned_away": self.turned_away})
        for each in holders:
            each.cancel()
        await asyncio.gather(*holders, return_exceptions=True)

    async def _hold(self, number: int) -> None:
        while True:
            async with self._opening:
                if self._up.is_set():
                    await asyncio.sleep(_OPENING_AT_ONCE / _AGAIN_PER_S)
                with suppress(OSError):
                    reader, writer = await asyncio.open_connection(
                        *self._to, local_addr=(self._job.address, 0)
                    )
                    writer.write(self._begins[number % 2])
                    self.standing += 1
                self._tried += 1
                if self._tried == self._job.count:
                    self._up.set()
            with suppress(OSError):
                await _drip(reader, writer)
            self.standing -= 1
            self.turned_away += 1
            writer.close()


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a byte a second until the server has closed, or has answered."""
    ended = asyncio.ensure_future(reader.read(1))
    while not ended.done():
        writer.write(b"x")
        await asyncio.wait({ended}, timeout=1.0)
    with suppress(OSError):
        ended.result()


def _tell(said: dict[str, int]) -> None:
    sys.stdout.buffer.write(orjson.dumps(said) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    uvloop.run(Slow(Job(**orjson.loads(sys.argv[1]))).run())


if __name__ == "__main__":
    main()
