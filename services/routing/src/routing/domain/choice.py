"""Who gets a lead, with every step on the way: gate, owner, rules, pools, turn.

Pure. decide.py makes events of a ``Choice``; explain.py shows it. Both see the same walk, so an
explanation cannot differ from the decision.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from contracts.conditions import MET, Verdict
from contracts.event import Mode
from contracts.events.kinds import Stage
from contracts.facts import Facts
from contracts.reasons import CandidateReason, RouteReason, UnroutedReason
from routing.domain.availability import absences, opens_at
from routing.domain.rotation import PoolTurns, Rotation
from routing.domain.rulebook import Rulebook
from routing.domain.rules import ASSIGN_ANYWAY, HOLD, GateRule, NobodyRule, Rule
from routing.domain.state import Lead

Asking = GateRule | Rule | NobodyRule


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule that was asked, and its answer."""

    rule: Asking
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Weighed:
    """A member of a pool, as the decision saw it."""

    rep: str
    weight: int
    turn: Fraction
    last_no: int
    absent: CandidateReason | None
    """Why the rep gets nothing now; None: available."""
    reason: CandidateReason
    """Why the rep was or was not chosen."""


@dataclass(frozen=True, slots=True)
class Look:
    """One pool that was looked at."""

    pool: str
    anyway: bool
    """Whether working hours were left aside."""
    weighed: tuple[Weighed, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The walk of one decision and where it ended."""

    simulated: bool = False
    """A test: nobody loses a turn."""
    gate: tuple[Asked, ...] = ()
    stopped: GateRule | None = None
    rules: tuple[Asked, ...] = ()
    rule: Rule | None = None
    looks: tuple[Look, ...] = ()
    nobody: tuple[Asked, ...] = ()
    unrouted: UnroutedReason | None = None
    rep: str | None = None
    pool: str | None = None
    because: RouteReason | None = None
    until: datetime | None = None
    """The lead waits for ``pool``, until then."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a choice is asked for."""

    lead: Lead
    """As it was before."""
    facts: Facts
    mode: Mode
    rotation: Rotation
    now: datetime
    hold_ended: bool = False
    """The lead has waited: it is not held again."""


def choose(asked: Question, book: Rulebook) -> Choice:
    """Return who gets the lead, or why nobody does yet."""
    choice = Choice(simulated=asked.mode is Mode.TEST)
    if asked.mode is Mode.HISTORICAL:
        return replace(choice, unrouted=UnroutedReason.HISTORICAL)
    if asked.lead.stage is Stage.DISQUALIFIED:
        return replace(choice, unrouted=UnroutedReason.DISQUALIFIED)
    choice = _through_gate(choice, asked.facts, book)
    if choice.unrouted is not None:
        return choice
    holder = _holder(asked, book)
    if holder is not None:
        return replace(choice, rep=holder, because=RouteReason.HOLDS_LEAD)
    return _by_rules(choice, asked, book)


def _through_gate(choice: Choice, facts: Facts, book: Rulebook) -> Choice:
    gate = tuple(Asked(each, each.when.ask(facts, book.lists)) for each in book.routing.gate)
    met = [each.rule for each in gate if each.verdict.met and isinstance(each.rule, GateRule)]
    simulated = choice.simulated or any(each.then == "simulate" for each in met)
    stopped = next((each for each in met if each.then == "hold"), None)
    why = None if stopped is None else _why_stopped(stopped, facts)
    return replace(choice, gate=gate, simulated=simulated, stopped=stopped, unrouted=why)


def _why_stopped(rule: GateRule, facts: Facts) -> UnroutedReason:
    read = rule.when.reads
    if "lead.consent.contact" in read and facts.get("lead.consent.contact") in {
        "denied",
        "withdrawn",
    }:
        return UnroutedReason.NO_CONSENT
    reachable = any(facts.get(name) is True for name in ("lead.has_email", "lead.has_phone"))
    if not reachable and read & {"lead.has_email", "lead.has_phone"}:
        return UnroutedReason.UNREACHABLE
    return UnroutedReason.GATE


def _holder(asked: Question, book: Rulebook) -> str | None:
    """Return the rep who held the lead before and is still here."""
    held = asked.lead.assigned
    if held is None or held.given_back or held.owner.rep_id not in book.team.reps:
        return None
    if asked.lead.mode is Mode.TEST and asked.mode is Mode.LIVE:
        return None  # that was a test: nobody was told
    return held.owner.rep_id


def _by_rules(choice: Choice, asked: Question, book: Rulebook) -> Choice:
    tried, rule = first_met(book.routing.rules, asked.facts, book.lists)
    choice = replace(choice, rules=tried, rule=rule if isinstance(rule, Rule) else None)
    if choice.rule is None:
        return replace(choice, unrouted=UnroutedReason.NO_RULE)
    pool = choice.rule.to
    if pool not in book.team.pools:
        return replace(choice, unrouted=UnroutedReason.EMPTY_POOL)
    because = RouteReason.HOLD_ENDED if asked.hold_ended else RouteReason.TURN
    choice = _look_in(choice, asked, book, pool)
    if choice.rep is not None:
        return replace(choice, because=because)
    return _nobody_available(choice, asked, book, pool)


def first_met(
    rules: Sequence[Asking], facts: Facts, lists: Mapping[str, frozenset[str]]
) -> tuple[tuple[Asked, ...], Asking | None]:
    """Return the rules asked up to the first that is met, and that one."""
    tried: list[Asked] = []
    for rule in rules:
        verdict = MET if rule.when is None else rule.when.ask(facts, lists)
        tried.append(Asked(rule, verdict))
        if verdict.met:
            return tuple(tried), rule
    return tuple(tried), None


def _look_in(
    choice: Choice, asked: Question, book: Rulebook, pool: str, *, anyway: bool = False
) -> Choice:
    """Look for whoever's turn it is among the pool's available members, or among all of them."""
    turns, known = asked.rotation.pool(pool), book.team.pools[pool]
    away = absences(book, known, asked.now)
    order = turns.order(known.members)
    chosen = next((rep for rep in order if _takes(away[rep], anyway=anyway)), None)
    weighed = tuple(
        Weighed(
            rep,
            known.members[rep],
            turns.turn_of(rep),
            turns.last_no(rep),
            away[rep],
            _reason(rep, chosen, turns, _against(away[rep], anyway=anyway)),
        )
        for rep in order
    )
    looked = replace(choice, looks=(*choice.looks, Look(pool, anyway, weighed)))
    return looked if chosen is None else replace(looked, rep=chosen, pool=pool)


def _against(absent: CandidateReason | None, *, anyway: bool) -> CandidateReason | None:
    return None if _takes(absent, anyway=anyway) else absent


def _takes(absent: CandidateReason | None, *, anyway: bool) -> bool:
    """Tell whether a rep may get the lead; ``anyway`` leaves working hours aside."""
    return absent is None or (anyway and absent is not CandidateReason.INACTIVE)


def _reason(
    rep: str, chosen: str | None, turns: PoolTurns, absent: CandidateReason | None
) -> CandidateReason:
    """Return why a rep does or does not get the lead."""
    if rep == chosen:
        return CandidateReason.CHOSEN
    if absent is not None or chosen is None:
        return absent or CandidateReason.INACTIVE
    if turns.turn_of(rep) == turns.turn_of(chosen) and turns.last_no(rep) == turns.last_no(chosen):
        return CandidateReason.TIE
    return CandidateReason.LATER_TURN


def _nobody_available(choice: Choice, asked: Question, book: Rulebook, pool: str) -> Choice:
    tried, rule = first_met(book.routing.nobody_available, asked.facts, book.lists)
    choice = replace(choice, nobody=tried)
    then = rule.then if isinstance(rule, NobodyRule) else ASSIGN_ANYWAY
    if then == "overflow":
        choice = _overflow(choice, asked, book, pool)
    elif then == HOLD and not asked.hold_ended and isinstance(rule, NobodyRule) and rule.at_most:
        latest = asked.now + rule.at_most.span
        opens = opens_at(book, book.team.pools[pool], asked.now)
        return replace(choice, pool=pool, until=latest if opens is None else min(opens, latest))
    if choice.rep is not None:
        return choice
    choice = _look_in(choice, asked, book, pool, anyway=True)
    if choice.rep is None:
        return replace(choice, unrouted=UnroutedReason.EMPTY_POOL)
    ended = RouteReason.HOLD_ENDED if asked.hold_ended else RouteReason.NOBODY_AVAILABLE
    return replace(choice, because=ended)


def _overflow(choice: Choice, asked: Question, book: Rulebook, pool: str) -> Choice:
    """Go along the pools that overflow names until one has somebody at work."""
    seen = {pool}
    follow = book.team.pools[pool].overflow
    while follow is not None and follow not in seen and follow in book.team.pools:
        seen.add(follow)
        choice = _look_in(choice, asked, book, follow)
        if choice.rep is not None:
            return replace(choice, because=RouteReason.OVERFLOW)
        follow = book.team.pools[follow].overflow
    return choice
