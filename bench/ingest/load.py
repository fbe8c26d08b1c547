"""The load: so many connections, each with a request under way as soon as the last is answered.

A process of its own: `python -m bench.ingest.load JOB`, JOB as JSON. Its requests are made before
the clock starts. Prints "begun", "warm" and "done" as they come, the last with what was counted.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import urlsplit

import orjson
import uvloop

from bench.figures import MS, SECOND
from bench.http import Connection
from bench.people import forms, leads

BODIES = {
    "google_ads": (leads, "application/json"),
    "html_form": (forms, "application/x-www-form-urlencoded"),
}


@dataclass(frozen=True, slots=True)
class Job:
    """One round's load; what comes in the first ``warm_s`` seconds is not counted."""

    url: str
    kind: str
    seed: str
    connections: int
    requests: int
    """How many different ones are made; sent in turn, again from the first where they end."""
    warm_s: float
    seconds: float


@dataclass
class Counted:
    """What was answered in the counted time."""

    statuses: Counter[int] = field(default_factory=Counter)
    took_ms: list[float] = field(default_factory=list)


def requests(job: Job) -> list[bytes]:
    """Return whole requests, heads and bodies."""
    make, media = BODIES[job.kind]
    parts = urlsplit(job.url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: {media}\r\n"
        "Content-Length: "
    ).encode()
    bodies = make(job.seed, job.requests)
    return [b"%b%d\r\n\r\n%b" % (head, len(body), body) for body in bodies]


async def run(job: Job) -> Counted:
    """Send for as long as the job says."""
    made = cycle(requests(job))
    parts = urlsplit(job.url)
    loop, counted = asyncio.get_running_loop(), Counted()
    opened = [
        (await loop.create_connection(Connection, parts.hostname or "", parts.port or 80))[1]
        for _ in range(job.connections)
    ]
    _tell({"begun": True})
    warm = time.monotonic_ns() + round(job.warm_s * SECOND)
    end = warm + round(job.seconds * SECOND)
    loop.call_later(job.warm_s, lambda: _tell({"warm": True}))
    async with asyncio.TaskGroup() as group:
        for each in opened:
            group.create_task(_ask(each, made, (warm, end), counted))
    for each in opened:
        each.close()
    return counted


async def _ask(
    connection: Connection, made: Iterator[bytes], between: tuple[int, int], counted: Counted
) -> None:
    warm, end = between
    while (begun := time.monotonic_ns()) < end:
        answer = await connection.ask(next(made))
        if warm <= answer.at < end:
            counted.statuses[answer.status] += 1
            counted.took_ms.append((answer.at - begun) / MS)


def _tell(said: dict[str, object]) -> None:
    sys.stdout.buffer.write(orjson.dumps(said, option=orjson.OPT_NON_STR_KEYS) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    counted = uvloop.run(run(Job(**orjson.loads(sys.argv[1]))))
    _tell({"statuses": dict(counted.statuses), "took_ms": counted.took_ms})


if __name__ == "__main__":
    main()
