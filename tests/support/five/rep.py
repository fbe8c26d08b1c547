"""A rep who calls every lead that routing handed over, but for the hurried: nobody calls those.

Tells routing's instances, any of them, again with the same Idempotency-Key until one answers.
"""

import asyncio
import random
from collections.abc import Sequence
from uuid import UUID

import httpx
import orjson

from tests.support.five.advertiser import HURRIED, client
from tests.support.ledger import Asked, Seen

_AT_ONCE = 12
"""Calls told at the same moment; httpx itself is slow with hundreds."""
_LATEST_S = 2.2
"""About when a close promise ends: some calls come in time, some too late."""


class Rep:
    """Hears of handovers from the raw log; what was answered 2xx is kept."""

    def __init__(self, urls: Sequence[str], bearer: dict[str, str], rng: random.Random) -> None:
        self._urls = urls
        self._http = client(bearer)
        self._rng = rng
        self._known: set[str] = set()
        self._calling: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(_AT_ONCE)
        self.asked: list[Asked] = []
        """The events that a 2xx promised, with their leads."""
        self.tries = 0
        self.unsaid: list[str] = []

    def hear(self, routed: Seen) -> None:
        """Take a LeadRouted; it is called once a lead."""
        title = orjson.loads(routed.value)["facts"].get("lead.title")
        if routed.key in self._known or title == HURRIED:
            return
        self._known.add(routed.key)
        after_s = self._rng.uniform(0, _LATEST_S)
        self._calling.add(asyncio.create_task(self._call(routed.key, after_s)))

    async def done(self) -> None:
        """Return when every call was told."""
        await asyncio.gather(*self._calling)

    async def _call(self, lead: str, after_s: float) -> None:
        await asyncio.sleep(after_s)  # the promise runs meanwhile
        told = {"kind": "contacted", "channel": "call", "outcome": "spoke"}
        key = {"Idempotency-Key": str(UUID(int=self._rng.getrandbits(128)))}
        async with self._places:
            while (answer := await self._try(lead, told, key)) is None:  # noqa: ASYNC110 - a retry
                await asyncio.sleep(self._rng.uniform(0.05, 0.3))
        if not answer.is_success:
            self.unsaid.append(f"{answer.status_code} {answer.text}")
            return
        (event,) = answer.json()["events"]
        self.asked.append(Asked(event["id"], lead))

    async def _try(
        self, lead: str, told: dict[str, str], key: dict[str, str]
    ) -> httpx.Response | None:
        """Tell it once; None where it is to be told again."""
        self.tries += 1
        url = f"{self._rng.choice(self._urls)}/v1/leads/{lead}/activities"
        try:
            answer = await self._http.post(url, json=told, headers=key)
        except httpx.HTTPError:
            return None
        if answer.is_server_error and answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            self.unsaid.append(f"{answer.status_code} {answer.text}")
        return None if answer.is_server_error else answer
