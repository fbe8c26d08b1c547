"""A sender as Google Ads is one: what gets a 5xx or no answer is sent again, a 2xx is final.

Keeps what was answered 2xx: of these leads none may be lost, whatever is killed.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

HURRIED, CLOSE, PATIENT = "Hurried", "Close", "Patient"
"""Titles: who is promised a contact within one second, two seconds, four hours."""
_TITLES = (HURRIED, CLOSE, CLOSE, PATIENT)
_COUNTRIES = ("GB", "DE", "US")
_PATH = "/v1/sources/google-demo"
_TOUCH_ID = "X-Baton-Touch-Id"
_ASKS_AGAIN, _IS_RETOLD = 0.1, 0.1
_AT_ONCE = 16


def client(headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
    """A client that is cheap to make: reading certificates takes longer than a lead's walk."""
    return httpx.AsyncClient(timeout=15.0, headers=headers, verify=False, trust_env=False)  # noqa: S501 - loopback


@dataclass(frozen=True)
class Form:
    """One form that somebody filled in."""

    lead_id: str
    email: str
    title: str
    country: str

    def body(self) -> dict[str, Any]:
        """The webhook's body."""
        columns = {
            "FULL_NAME": "Robin Fault",
            "WORK_EMAIL": self.email,
            "JOB_TITLE": self.title,
            "COMPANY_SIZE": "51-200",
            "COUNTRY": self.country,
        }
        return {
            "lead_id": self.lead_id,
            "user_column_data": [
                {"column_id": name, "string_value": value} for name, value in columns.items()
            ],
            "api_version": "1.0",
            "form_id": 40_000_000_001,
            "google_key": "demo-google-key",
            "is_test": False,
        }


class Advertiser:
    """Sends forms to any instance of ingest, in the background between ``start`` and ``end``."""

    def __init__(self, urls: Sequence[str], rng: random.Random, per_second: float = 10.0) -> None:
        """``urls`` are looked at anew for each form."""
        self._urls = urls
        self._rng = rng
        self._per_second = per_second
        self._word = f"{rng.getrandbits(48):x}"
        self._forms: list[Form] = []
        self._http = client()
        self._feeding: asyncio.Task[None] | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(_AT_ONCE)
        self.accepted: dict[str, str] = {}
        """From the touch's id, as it was answered, to the form's lead_id."""
        self.people: dict[str, str] = {}
        """From the e-mail of whoever was accepted to the title."""
        self.answers: Counter[str] = Counter()
        """How often there was which status, or no answer."""
        self.unsaid: list[str] = []
        """Answers that were not as promised."""

    def start(self, most: int | None = None) -> None:
        """Begin to send, ``most`` forms at most."""
        self._feeding = asyncio.create_task(self._feed(most))

    async def end(self) -> None:
        """Send nothing new; return when every form was accepted."""
        assert self._feeding is not None
        self._feeding.cancel()
        await asyncio.wait([self._feeding])
        await asyncio.gather(*self._sending)

    async def sent(self) -> None:
        """Return when as many as were asked for were accepted."""
        assert self._feeding is not None
        await self._feeding
        await asyncio.gather(*self._sending)

    async def more(self, what: str, number: int, within_s: float = 60.0) -> None:
        """Return when there were so many further answers of this status. Raises TimeoutError."""
        wanted = self.answers[what] + number
        async with asyncio.timeout(within_s):
            while self.answers[what] < wanted:  # noqa: ASYNC110 - many answers, one condition
                await asyncio.sleep(0.01)

    async def _feed(self, most: int | None) -> None:
        count = 0
        while most is None or count < most:
            await self._places.acquire()
            task = asyncio.create_task(self._send(self._next()))
            self._sending.add(task)
            task.add_done_callback(self._sent)
            count += 1
            await asyncio.sleep(self._rng.uniform(0, 2 / self._per_second))

    def _sent(self, task: "asyncio.Task[None]") -> None:
        self._places.release()
        if (
            not task.cancelled() and task.exception() is None
        ):  # else it stays, for whoever waits for all
            self._sending.discard(task)

    def _next(self) -> Form:
        """A new person's form, or sometimes a second one of somebody known."""
        number = len(self._forms)
        lead_id = f"{self._word}-{number}"
        if self._forms and self._rng.random() < _ASKS_AGAIN:
            known = self._rng.choice(self._forms)
            form = Form(lead_id, known.email, known.title, known.country)
        else:
            email = f"robin.{self._word}.{number}@fault-{number}.example"
            title, country = self._rng.choice(_TITLES), self._rng.choice(_COUNTRIES)
            form = Form(lead_id, email, title, country)
        self._forms.append(form)
        return form

    async def _send(self, form: Form) -> None:
        await self._until_accepted(form)
        if self._rng.random() < _IS_RETOLD:  # Google tells some leads twice
            await self._until_accepted(form)

    async def _until_accepted(self, form: Form) -> None:
        while True:
            answer = await self.once(form)
            if answer is not None and answer.is_success:
                self._accept(form, answer)
                return
            await asyncio.sleep(self._rng.uniform(0.05, 0.3))

    async def once(self, form: Form) -> httpx.Response | None:
        """Send a form once. None: there was no answer."""
        try:
            answer = await self._http.post(self._rng.choice(self._urls) + _PATH, json=form.body())
        except httpx.HTTPError:
            self.answers["none"] += 1
            return None
        self.answers[str(answer.status_code)] += 1
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            if "retry-after" not in answer.headers:
                self.unsaid.append("503 without Retry-After")
        elif not answer.is_success:
            self.unsaid.append(f"{answer.status_code} {answer.text}")
        return answer

    def _accept(self, form: Form, answer: httpx.Response) -> None:
        touch = answer.headers[_TOUCH_ID]
        if self.accepted.setdefault(touch, form.lead_id) != form.lead_id:
            self.unsaid.append(f"touch {touch} was answered for two leads")
        self.people[form.email] = form.title
