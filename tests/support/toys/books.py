"""What the toys were given and what they must have made of it, written into the ledger.

Knows the toys' business and nothing of chassis: inputs as they were acknowledged by Kafka or HTTP,
outputs as they lie in the log.
"""

import asyncio
import contextlib
import random
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from types import TracebackType
from typing import Self
from uuid import UUID

import httpx
import orjson
from aiokafka import AIOKafkaProducer

from chassis.kafka.lane_of import lane_of
from contracts.event import Event, Mode, headers_of, value_of
from contracts.events.touches import FactsRecorded
from contracts.facts import Facts
from contracts.topics import LEADS_TOUCHES, MARKETING_TOUCHES, PRIVACY
from tests.support.ledger import Answer, Asked, Seen, Verdict, sift
from tests.support.rawlog import RawLog
from tests.support.toys.counter import HEARD, PRESSED
from tests.support.toys.sorter import lead_of
from tests.support.toys.town import LANES, Town

OUTPUTS = (LEADS_TOUCHES.name, PRIVACY.name)


class Feeder:
    """Writes inputs into the sorter's topic, as a foreign producer does, and keeps what was sent.

    An input whose sending failed may or may not be in the log: it is kept apart.
    """

    def __init__(self, town: Town, rng: random.Random, identities: int = 20) -> None:
        self._town = town
        self._rng = rng
        self._identities = [f"identity-{number}" for number in range(identities)]
        self._producer: AIOKafkaProducer | None = None
        self.sent: list[Asked] = []
        self._acknowledged: set[str] = set()
        self._sending: list[asyncio.Future[object]] = []

    async def __aenter__(self) -> Self:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._town.servers.kafka_bootstrap,
            acks="all",
            enable_idempotence=True,
            request_timeout_ms=90_000,
        )
        await self._producer.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._producer is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await self._producer.stop()

    async def send(self, number: int = 1) -> None:
        """Send so many inputs of random identities; what becomes of them is noted later."""
        for _ in range(number):
            identity = self._rng.choice(self._identities)
            body = FactsRecorded(
                identity=identity,
                identity_keys=(),
                record_id=UUID(int=self._rng.getrandbits(128)),
                source="feeder",
                facts=Facts(),
                received_at=datetime.now(UTC),
            )
            await self._put(body)

    async def _put(self, body: FactsRecorded) -> None:
        assert self._producer is not None
        now = datetime.now(UTC)
        event = Event(uuid.uuid4(), body, now, now, Mode.LIVE, None, 0)
        asked = Asked(str(body.record_id), str(lead_of(body.identity)))
        self.sent.append(asked)
        future = await self._producer.send(
            self._town.topic_prefix + MARKETING_TOUCHES.name,
            value=value_of(event, None),
            key=body.identity.encode(),
            partition=lane_of(body.identity, LANES),
            headers=headers_of(event, "feeder"),
        )

        def ended(done: "asyncio.Future[object]") -> None:
            if not done.cancelled() and done.exception() is None:
                self._acknowledged.add(asked.id)

        future.add_done_callback(ended)
        self._sending.append(future)

    async def feed(self, pause_s: float = 0.02, most: int = 4) -> None:
        """Send small bursts until cancelled."""
        while True:
            await self.send(self._rng.randint(1, most))
            await asyncio.sleep(self._rng.uniform(0, 2 * pause_s))

    async def settle(self) -> None:
        """Wait until Kafka has answered for everything."""
        await asyncio.gather(*self._sending, return_exceptions=True)

    @property
    def asked(self) -> list[Asked]:
        """What was acknowledged, in the order sent."""
        return [each for each in self.sent if each.id in self._acknowledged]

    @property
    def maybe(self) -> frozenset[str]:
        """What was never acknowledged."""
        return frozenset(each.id for each in self.sent) - self._acknowledged


class Presser:
    """Sends commands to any instance of the counter, again with the same key until one answers."""

    def __init__(self, town: Town, urls: Sequence[str], rng: random.Random) -> None:
        self._town = town
        self._urls = urls
        self._rng = rng
        self.asked: list[Asked] = []
        """The events that were promised by a 2xx; of one lead in the order asked."""
        self.tries = 0
        self.enough = asyncio.Event()

    async def press(self, lead: UUID, times: int | None = None) -> None:
        """Press a lead so often, one after the other, or until ``enough`` is set."""
        headers = {"Authorization": f"Bearer {self._town.token}"}
        async with httpx.AsyncClient(timeout=15.0, headers=headers) as http:
            for _ in count() if times is None else range(times):
                if self.enough.is_set():
                    return
                await self._once(http, lead)
                await asyncio.sleep(self._rng.uniform(0, 0.1))

    async def _once(self, http: httpx.AsyncClient, lead: UUID) -> None:
        key = {"Idempotency-Key": str(UUID(int=self._rng.getrandbits(128)))}
        while True:
            self.tries += 1
            url = self._rng.choice(self._urls)
            try:
                answer = await http.post(f"{url}/v1/presses/{lead}", headers=key)
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
                continue
            if answer.is_success:
                self.asked.append(Asked(answer.json()["event"], str(lead)))
                return
            await asyncio.sleep(0.05)


@dataclass
class Books:
    """Follows the outputs until every input has its answer, then judges."""

    town: Town
    feeder: Feeder
    log: RawLog
    presser: Presser | None = None
    hears: bool = True
    """Whether a counter runs; else only the sorter's output is judged."""
    _at: int = 0
    _sorted: set[str] = field(default_factory=set)
    _resolved: set[str] = field(default_factory=set)
    _leads: set[str] = field(default_factory=set)
    _said: set[str] = field(default_factory=set)
    _causes: set[str] = field(default_factory=set)
    _reminded: set[str] = field(default_factory=set)

    def _take_in(self) -> None:
        for each in self.log.seen[self._at :]:
            if each.topic == LEADS_TOUCHES.name:
                self._sorted.add(orjson.loads(each.value)["record_id"])
                self._resolved.add(each.id)
                self._leads.add(each.key)
            elif "erasure.asked" in each.type:
                self._reminded.add(each.key)
            else:
                self._said.add(each.id)
                self._causes.add(each.cause)
        self._at = len(self.log.seen)

    def all_answered(self) -> bool:
        """Whether each acknowledged input and command was answered, and each lead reminded of."""
        self._take_in()
        if not {each.id for each in self.feeder.asked} <= self._sorted:
            return False
        pressed = {each.id for each in self.presser.asked} if self.presser else set()
        if not pressed <= self._said:
            return False
        if not self.hears:
            return True
        return self._resolved <= self._causes and self._leads <= self._reminded

    async def close(self, within_s: float = 90.0) -> Verdict:
        """Wait for every answer and for stillness, read to the end, and judge."""
        await self.feeder.settle()
        try:
            await self.log.until(self.all_answered, "an answer to every input", within_s)
        except AssertionError as late:
            told = [late, self.judge(), await self.log.ends(), await self.town.standing()]
            raise AssertionError("\n".join(map(str, told))) from None
        await still(self.town, within_s)
        await self.log.to_the_end()
        return self.judge()

    def judge(self) -> Verdict:
        """Judge what has been read so far."""
        verdict = Verdict()
        sifted = sift(self.log.seen)
        verdict.take(sifted)
        touches = [each for each in sifted.taken if each.topic == LEADS_TOUCHES.name]
        said = [each for each in sifted.taken if each.topic == PRIVACY.name]
        self._judge_sorter(verdict, touches)
        if self.hears:
            self._judge_counter(verdict, touches, said)
        if self.presser is not None:
            self._judge_presses(verdict, said)
        return verdict

    def _judge_sorter(self, verdict: Verdict, touches: Sequence[Seen]) -> None:
        bodies = [orjson.loads(each.value) for each in touches]
        answers = [Answer(body["record_id"], body["lead_id"]) for body in bodies]
        verdict.hop(self.feeder.asked, answers, self.feeder.maybe)
        counts: dict[str, list[int]] = defaultdict(list)
        for body in bodies:
            counts[body["lead_id"]].append(int(body["source"].removeprefix("count-")))
        verdict.counts(counts, "sorted")

    def _judge_counter(
        self, verdict: Verdict, touches: Sequence[Seen], said: Sequence[Seen]
    ) -> None:
        asked = [Asked(each.id, each.key) for each in touches]
        heard = [each for each in said if _service(each) == HEARD]
        verdict.hop(asked, [Answer(each.cause, each.key) for each in heard])
        verdict.counts(_rows(heard), HEARD)
        reminders = [each for each in said if "erasure.asked" in each.type]
        leads = sorted({each.key for each in touches})
        verdict.hop(
            [Asked(lead, lead) for lead in leads],
            [Answer(each.key, each.key) for each in reminders],
        )

    def _judge_presses(self, verdict: Verdict, said: Sequence[Seen]) -> None:
        assert self.presser is not None
        pressed = [each for each in said if _service(each) == PRESSED]
        verdict.hop(self.presser.asked, [Answer(each.id, each.key) for each in pressed])
        verdict.counts(_rows(pressed), PRESSED)


async def still(town: Town, within_s: float = 90.0) -> None:
    """Wait until no process of the town has anything left to do. Raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while not await town.is_still():  # noqa: ASYNC110 - other processes set no event here
            await asyncio.sleep(0.05)


def _service(each: Seen) -> str:
    return str(orjson.loads(each.value).get("service", ""))


def _rows(said: Sequence[Seen]) -> dict[str, list[int]]:
    counts: dict[str, list[int]] = defaultdict(list)
    for each in said:
        counts[each.key].append(int(orjson.loads(each.value)["rows"]))
    return counts
