"""The load generator: posts made-up leads on a schedule that no slow answer can stretch.

A process of its own: `python -m bench.load JOB`, JOB as JSON. Prints "begun" with the instant of
its schedule's start, then one JSON line with what it sent. Latency counts from the scheduled send
time, so that a stall shows in every lead that was due meanwhile (no coordinated omission).
"""

import asyncio
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import orjson
import uvloop

from bench.figures import SECOND, Sent
from bench.http import Client
from bench.people import leads

HEAD_START = SECOND // 5
CONNECTIONS = 16
FAILED = 0
"""The status of a request that got no answer."""


@dataclass(frozen=True, slots=True)
class Job:
    """One round's load. `rate` in leads a second, `seconds` how long."""

    url: str
    rate: float
    seconds: float
    seed: str


def schedule(job: Job, start: int) -> Iterator[int]:
    """Yield the instants of the sends: one in each slot of the rate, at a seeded place in it.

    A fixed beat could fall in step with the beats of what is measured.
    """
    chance = random.Random(f"{job.seed} {job.rate}")  # noqa: S311 - a schedule is no secret
    slot = SECOND / job.rate
    for number in range(round(job.rate * job.seconds)):
        yield start + round(slot * (number + chance.random()))


async def run(job: Job) -> list[Sent]:
    """Send all of a job and return what happened, in the order of the schedule."""
    client = Client(job.url)
    await client.open(CONNECTIONS)
    bodies = list(leads(job.seed, round(job.rate * job.seconds)))
    start = time.monotonic_ns() + HEAD_START
    _tell({"begun": start})
    sends = []
    for due, body in zip(schedule(job, start), bodies, strict=True):
        while (wait := due - time.monotonic_ns()) > 0:  # noqa: ASYNC110 - waits for an instant
            await asyncio.sleep(wait / SECOND)
        sends.append(asyncio.create_task(_send(client, due, body)))
    sent = list(await asyncio.gather(*sends))
    client.close()
    return sent


async def _send(client: Client, due: int, body: bytes) -> Sent:
    begun = time.monotonic_ns()
    try:
        answer = await client.post(body)
    except OSError:
        return Sent(due, begun, time.monotonic_ns(), FAILED, "")
    return Sent(due, begun, answer.at, answer.status, answer.touch)


def _tell(said: dict[str, object]) -> None:
    sys.stdout.buffer.write(orjson.dumps(said) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    sent = uvloop.run(run(Job(**orjson.loads(sys.argv[1]))))
    _tell({"sent": [list(asdict(each).values()) for each in sent]})


if __name__ == "__main__":
    main()
