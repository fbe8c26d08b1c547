"""Every lead's walk over the topics, judged hop by hop by the outside ledger.

Given the raw records and what senders and reps were promised by a 2xx; pure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from tests.support.five.advertiser import HURRIED
from tests.support.ledger import Answer, Asked, Seen, Sifted, Verdict

RECORDED, RESOLVED, SCORED = "touch.recorded", "touch.resolved", "lead.scored"
QUALIFIED, RETURNED, ROUTED = "lead.qualified", "lead.returned", "lead.routed"
CONTACTED = "lead.contacted"
STARTED, WARNED, MET = "clock.started", "clock.warned", "clock.met"
CORRECTED, BREACHED = "clock.corrected", "sla.breached"
_CLOCKS = frozenset((STARTED, WARNED, MET, CORRECTED, BREACHED))
_WALK = _CLOCKS | {RECORDED, RESOLVED, SCORED, QUALIFIED, RETURNED, ROUTED, CONTACTED}
_BESIDE = frozenset(("policy.published", "rep.changed", "pool.changed", "account.changed"))
"""What concerns no lead and may be said at a start."""


def kind(each: Seen) -> str:
    """The event's type without ``baton.`` and version."""
    return each.type.removeprefix("baton.").rpartition(".v")[0]


@dataclass
class Walks:
    """The events that readers take, by type, in the order of the log."""

    events: dict[str, list[Seen]] = field(default_factory=lambda: defaultdict(list))
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By event id."""

    def add(self, taken: Iterable[Seen]) -> None:
        """Take records in that came further on."""
        for each in taken:
            self.events[kind(each)].append(each)
            self.bodies[each.id] = orjson.loads(each.value)

    def body(self, each: Seen) -> dict[str, Any]:
        return self.bodies[each.id]

    def by_clock(self, name: str) -> dict[str, list[dict[str, Any]]]:
        """The bodies of a type by their clock."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for each in self.events[name]:
            found[self.body(each)["clock_id"]].append(self.body(each))
        return found


def judge(sifted: Sifted, accepted: Iterable[str], told: Sequence[Asked]) -> Verdict:
    """Judge everything: each accepted touch and each told contact has its one walk."""
    walks, verdict = Walks(), Verdict()
    walks.add(sifted.taken)
    verdict.take(sifted)
    _judge_hops(verdict, walks, accepted)
    verdict.hop(told, [Answer(each.id, each.key) for each in walks.events[CONTACTED]])
    verdict.miscounted += [
        f"{len(found)} {name}, such as {found[0].value!r}"
        for name, found in walks.events.items()
        if name not in _WALK | _BESIDE
    ]
    verdict.miscounted += _wrong_clocks(walks, {each.key: each.id for each in told})
    verdict.miscounted += wrong_turns([walks.body(each) for each in walks.events[ROUTED]])
    return verdict


def _judge_hops(verdict: Verdict, walks: Walks, accepted: Iterable[str]) -> None:
    recorded = {walks.body(each)["touch_id"]: each for each in walks.events[RECORDED]}
    resolved = walks.events[RESOLVED]
    verdict.hop(
        [Asked(touch, touch) for touch in accepted], [Answer(touch, touch) for touch in recorded]
    )
    verdict.hop(
        [Asked(touch, each.key) for touch, each in recorded.items()],
        [Answer(walks.body(each)["touch_id"], each.key) for each in resolved],
    )
    touches = [Asked(each.id, each.key) for each in resolved]
    verdict.hop(touches, _caused(walks, SCORED))
    verdict.hop(touches, [*_caused(walks, QUALIFIED), *_caused(walks, RETURNED)])
    leads = dict.fromkeys(each.key for each in resolved)
    qualified = walks.events[QUALIFIED]
    verdict.hop(
        [Asked(lead, lead) for lead in leads], [Answer(each.key, each.key) for each in qualified]
    )
    verdict.hop([Asked(each.id, each.key) for each in qualified], _caused(walks, ROUTED))
    routed = walks.events[ROUTED]
    verdict.hop([Asked(each.id, each.key) for each in routed], _caused(walks, STARTED))


def _caused(walks: Walks, name: str) -> list[Answer]:
    return [Answer(each.cause, each.key) for each in walks.events[name]]


def _wrong_clocks(walks: Walks, contacts: Mapping[str, str]) -> list[str]:
    """Clocks that did not end as they must; ``contacts``: from the lead to the event."""
    met, breached = walks.by_clock(MET), walks.by_clock(BREACHED)
    corrected, warned = walks.by_clock(CORRECTED), walks.by_clock(WARNED)
    wrong = []
    for clock, (started, *more) in walks.by_clock(STARTED).items():
        ends = Ends(
            met=met.pop(clock, []),
            breached=len(breached.pop(clock, [])),
            withdrawn=sum(each["withdraws_breach"] for each in corrected.pop(clock, [])),
        )
        contact = contacts.get(started["lead_id"])
        steps = Counter(each["step"] for each in warned.pop(clock, []))
        hurried = started["facts"].get("lead.title") == HURRIED
        good = ends.are_right(contact, hurried=hurried)
        if more or not good or any(count > 1 for count in steps.values()):
            wrong.append(f"clock {clock} of lead {started['lead_id']}: {ends}, {steps}, {more}")
    unknown = [*met, *breached, *corrected, *warned]
    return [*wrong, *(f"clock {clock} never started" for clock in unknown)]


@dataclass(frozen=True)
class Ends:
    """How one clock ended."""

    met: Sequence[Mapping[str, Any]]
    breached: int
    withdrawn: int

    def are_right(self, contact: str | None, *, hurried: bool) -> bool:
        """Whether it was either met in time or broken; a breach once, and known late taken back.

        ``contact``: the event of the lead's contact, none where nobody called.
        """
        if contact is None:
            return not self.met and not self.withdrawn and self.breached == int(hurried)
        if [each["met_by"] for each in self.met] != [contact]:
            return False
        (met,) = self.met
        kept = bool(met["in_time"])
        if kept != (_instant(met["met_at"]) <= _instant(met["deadline"])):
            return False
        return self.breached - self.withdrawn == int(not kept) and self.withdrawn in {0, int(kept)}


WEIGHTS = {"emea": {"ana": 2, "jonas": 2, "mia": 1}, "americas": {"priya": 3, "tom": 1}}
"""As tests/faults/services/config/team.yaml says."""


def wrong_turns(routed: Sequence[Mapping[str, Any]]) -> list[str]:
    """Assignments that are not one order without holes, or give a rep too much or too little."""
    order = sorted(routed, key=lambda each: each["decision_no"])
    numbers = [each["decision_no"] for each in order]
    if numbers != list(range(1, len(numbers) + 1)):
        return [f"decisions are numbered {numbers}"]
    instants = [_instant(each["assigned_at"]) for each in order]
    wrong = [] if instants == sorted(instants) else ["time goes back along the decisions"]
    taken: dict[str, Counter[str]] = {pool: Counter() for pool in WEIGHTS}
    for each in order:
        pool, rep = each["pool"], each["owner"]["rep_id"]
        taken[pool][rep] += 1
        whole, weights = taken[pool].total(), WEIGHTS[pool]
        shares = {rep: whole * weight / sum(weights.values()) for rep, weight in weights.items()}
        if any(abs(taken[pool][rep] - share) >= 1 for rep, share in shares.items()):
            wrong.append(f"after decision {each['decision_no']}: {dict(taken[pool])}")
    return wrong


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
