"""The books of one town: what was promised, the raw logs, and whether the two agree.

Follows every topic from its beginning; tests add senders and reps, cause faults, and close.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import orjson

from tests.support.five.advertiser import HURRIED, Advertiser
from tests.support.five.rep import Rep
from tests.support.five.town import SERVICES, Town
from tests.support.five.walks import (
    BREACHED,
    CONTACTED,
    MET,
    QUALIFIED,
    RECORDED,
    RESOLVED,
    RETURNED,
    ROUTED,
    STARTED,
    Walks,
    judge,
    kind,
)
from tests.support.ledger import Seen, Verdict, sift
from tests.support.rawlog import RawLog

HISTORIES = ("scoring", "routing", "sla-monitor")
"""The services that decide, and so have a history to verify."""
_NOT_INSIGHTS = frozenset(("marketing.touches", "marketing.spend", "marketing.sources"))
_PAGE = 200


class Books:
    """Begin them for each test; what earlier tests sent is judged with it again."""

    def __init__(self, town: Town, log: RawLog) -> None:
        self.town = town
        self.log = log
        self._senders: list[Advertiser] = []
        self._reps: list[Rep] = []
        self._at = 0
        self._seen: dict[str, set[str]] = {}
        self._called: set[str] = set()
        self._hurried: set[str] = set()
        self._handed_over_at: list[float] = []

    def begin(self, rng: random.Random, per_second: float = 10.0) -> Advertiser:
        """A sender and a rep of this test's own."""
        self._senders.append(Advertiser(self.town.urls_of("ingest"), rng, per_second))
        self._reps.append(Rep(self.town.urls_of("routing"), self.town.bearer, rng))
        return self._senders[-1]

    async def more(self, number: int, within_s: float = 60.0) -> None:
        """Follow until so many further records have come."""
        wanted = len(self.log.seen) + number
        await self.until(
            lambda: len(self.log.seen) >= wanted, f"{number} further records", within_s
        )

    async def until(self, done: Any, what: str, within_s: float = 60.0) -> None:  # noqa: ANN401
        """Follow until the condition holds; reps hear of handovers meanwhile."""

        def told() -> bool:
            self._take_in()
            return bool(done())

        await self.log.until(told, what, within_s)

    def _take_in(self) -> None:
        for each in self.log.seen[self._at :]:
            name = kind(each)
            if name == RECORDED:
                self._note(RECORDED, orjson.loads(each.value)["touch_id"])
            elif name in {QUALIFIED, RETURNED}:
                self._note(name, each.key)
                self._note("answered", each.cause)
            elif name in {RESOLVED, CONTACTED}:
                self._note(name, each.id)
            else:
                self._note(name, each.key)
            if name == ROUTED:
                self._routed(each)
        self._at = len(self.log.seen)

    def _note(self, name: str, what: str) -> None:
        self._seen.setdefault(name, set()).add(what)

    def _routed(self, each: Seen) -> None:
        self._handed_over_at.append(time.monotonic())
        if orjson.loads(each.value)["facts"].get("lead.title") == HURRIED:
            self._hurried.add(each.key)
        elif each.key not in self._called:
            self._called.add(each.key)
            self._reps[-1].hear(each)

    def missing(self) -> dict[str, int]:
        """How much of each kind has not come yet, of what must."""
        self._take_in()
        seen = {name: self._seen.get(name, set()) for name in _WAITED}
        told = {each.id for rep in self._reps for each in rep.asked}
        wanted: dict[str, set[Any]] = {
            RECORDED: self._accepted,
            RESOLVED: set(range(len(self._accepted) - len(seen[RESOLVED]))),
            "answered": seen[RESOLVED],
            ROUTED: seen[QUALIFIED],
            STARTED: seen[ROUTED],
            CONTACTED: told,
            MET: self._called,
            BREACHED: self._hurried,
        }
        gone = {name: len(all_ - seen[name]) for name, all_ in wanted.items()}
        return {name: number for name, number in gone.items() if number}

    @property
    def _accepted(self) -> set[str]:
        return {touch for sender in self._senders for touch in sender.accepted}

    async def close(self, within_s: float = 120.0) -> Verdict:
        """Wait for the end of every walk and for stillness; judge logs, insights and history."""
        try:
            await self.until(lambda: not self.missing(), "the end of every walk", within_s)
        except AssertionError as late:
            raise AssertionError(f"{late}: {self.missing()}\n{self.town.tails()}") from None
        await asyncio.gather(*(rep.done() for rep in self._reps))
        await self.town.still(within_s)
        await self.log.to_the_end()
        return await self._judged()

    async def _judged(self) -> Verdict:
        sifted = sift(self.log.seen)
        accepted = [touch for sender in self._senders for touch in sender.accepted]
        verdict = judge(sifted, accepted, [each for rep in self._reps for each in rep.asked])
        unsaid = [each for sender in self._senders for each in sender.unsaid]
        unsaid += [each for rep in self._reps for each in rep.unsaid]
        verdict.miscounted += [f"answered {each}" for each in unsaid]
        gone = [each for each in self.town.processes if not each.alive]
        verdict.miscounted += [f"{each.name} ended by itself: {each.tail()}" for each in gone]
        walks = Walks()
        walks.add(sifted.taken)
        verdict.miscounted += await self._wrong_insights(walks)
        jobs = await asyncio.gather(*(self.town.verified(service) for service in SERVICES))
        verdict.miscounted += [
            f"verify of {service}: {job}"
            for service, job in zip(SERVICES, jobs, strict=True)
            if job["state"] != "equal" or (service in HISTORIES and not job["done"])
        ]
        return verdict

    async def _wrong_insights(self, walks: Walks) -> list[str]:
        """What insights shows otherwise than the logs say."""
        heard = Counter(each["event_id"] for each in await self._news())
        said = Counter(
            each.id
            for all_ in walks.events.values()
            for each in all_
            if each.topic not in _NOT_INSIGHTS
        )
        wrong = [f"insights has {heard[one]} of event {one}" for one in heard if heard[one] != 1]
        wrong += [f"insights lacks {one}" for one in said if one not in heard]
        wrong += [f"insights made up {one}" for one in heard if one not in said]
        kpis = await self.town.get("insights", "/v1/kpis")
        wanted = _figures(walks)
        counts = {each["stage"]: each["count"] for each in kpis["funnel"]} | kpis["promises"]
        wrong += [
            f"insights counts {counts[name]} {name}, not {number}"
            for name, number in wanted.items()
            if counts[name] != number
        ]
        return wrong

    async def _news(self) -> list[Mapping[str, Any]]:
        items: list[Mapping[str, Any]] = []
        after = "begin"
        while True:
            page = await self.town.get(
                "insights", "/v1/timelines", after=after, wait=0, limit=_PAGE
            )
            if not page["items"]:
                return items
            items += page["items"]
            after = page["next"]

    def longest_pause_s(self, since: float) -> float:
        """The longest time without a handover since an instant of time.monotonic."""
        at = [since, *(each for each in self._handed_over_at if each > since)]
        return max((after - before for before, after in pairwise(at)), default=0.0)

    def figures(self) -> str:
        """What was sent and answered, for people."""
        answers: Counter[str] = Counter()
        for sender in self._senders:
            answers += sender.answers
        leads = len({email for sender in self._senders for email in sender.people})
        tries = sum(rep.tries for rep in self._reps)
        calls = sum(len(rep.asked) for rep in self._reps)
        return (
            f"{len(self._accepted)} touches of {leads} people, answers {dict(answers)}; "
            f"{calls} calls in {tries} tries; {self.town.faults} faults of processes"
        )


_WAITED: Sequence[str] = (
    *(RECORDED, RESOLVED, "answered", QUALIFIED, ROUTED, STARTED),
    *(CONTACTED, MET, BREACHED),
)


def _figures(walks: Walks) -> dict[str, int]:
    """What insights must count, by the logs."""
    met, breached = walks.by_clock(MET), walks.by_clock(BREACHED)
    withdrawn = {
        clock
        for clock, all_ in walks.by_clock("clock.corrected").items()
        if any(each["withdraws_breach"] for each in all_)
    }
    return {
        "lead": len({each.key for each in walks.events[RESOLVED]}),
        "mql": len(walks.events[QUALIFIED]),
        "sql": len(walks.events[ROUTED]),
        "clocks": len(walks.events[STARTED]),
        "met_in_time": sum(any(each["in_time"] for each in all_) for all_ in met.values()),
        "breached": len(set(breached) - withdrawn),
        "withdrawn": len(withdrawn),
    }
