"""A routing decision as an answer to "why?": every rule with the facts it saw, every rep's turn.

Pure. Works on the same ``Choice`` that the decision was made of, re-derived from history.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from contracts.conditions import Answer, Condition
from contracts.facts import Facts
from contracts.reasons import CandidateReason, RouteReason
from routing.domain.choice import Asked, Choice, Look, Question, Weighed
from routing.domain.rotation import PoolTurns
from routing.domain.rulebook import Rulebook

_WHY_NOT = {
    CandidateReason.LATER_TURN: "another rep's turn came first",
    CandidateReason.TIE: "the turns were equal, and the other's id comes first",
    CandidateReason.OUTSIDE_HOURS: "it was outside the working hours",
    CandidateReason.INACTIVE: "works here no longer",
    CandidateReason.NOT_IN_POOL: "is in none of the pools that were looked at",
}
_BECAUSE = {
    RouteReason.TURN: "it was their turn in pool {pool}",
    RouteReason.HOLDS_LEAD: "they held this lead before",
    RouteReason.OVERFLOW: "nobody of the lead's own pool was at work; pool {pool} took its turn",
    RouteReason.NOBODY_AVAILABLE: "nobody was at work, and the policy assigns anyway",
    RouteReason.HOLD_ENDED: "the lead had waited for pool {pool}",
}


def explained(choice: Choice, asked: Question, book: Rulebook) -> dict[str, Any]:
    """Return the walk of a decision as JSON: gate, rules, pools with their turns, the result."""
    return {
        "simulated": choice.simulated,
        "gate": [_rule(each, asked.facts) for each in choice.gate],
        "rules": [_rule(each, asked.facts) for each in choice.rules],
        "nobody_available": [_rule(each, asked.facts) for each in choice.nobody],
        "pools": [_pool(look, asked, book) for look in choice.looks],
        "chosen": _chosen(choice, book),
        "held_until": choice.until,
        "unrouted": choice.unrouted,
        "sentences": list(_sentences(choice, asked, book)),
    }


def why_not(rep: str, choice: Choice, book: Rulebook) -> dict[str, Any]:
    """Return why a rep did not get the lead, with the arithmetic. Raises KeyError: no such rep."""
    name = book.team.reps[rep].name
    if rep == choice.rep:
        return {"rep": rep, "name": name, "reason": "chosen", "sentence": f"{name} got the lead."}
    found = [one for look in choice.looks for one in look.weighed if one.rep == rep]
    seen = found[-1] if found else None
    reason = _reason(seen, choice)
    if reason is None:
        sentence = f"No pool was looked at: {_ended(choice, book)}"
        return {"rep": rep, "name": name, "reason": None, "sentence": sentence}
    sentence = f"{name}: {_WHY_NOT[reason]}{_against(seen, choice, book)}."
    return {
        "rep": rep,
        "name": name,
        "reason": reason,
        "turn": None if seen is None else str(seen.turn),
        "weight": None if seen is None else seen.weight,
        "sentence": sentence,
    }


def _reason(seen: Weighed | None, choice: Choice) -> CandidateReason | None:
    if seen is None:
        return CandidateReason.NOT_IN_POOL if choice.looks else None
    return seen.reason


def _against(seen: Weighed | None, choice: Choice, book: Rulebook) -> str:
    """Return the two turns beside each other."""
    against = _winner(choice)
    if seen is None or against is None or seen.absent is not None:
        return ""
    return (
        f" (at turn {seen.turn}, last lead no. {seen.last_no}; "
        f"{book.team.reps[against.rep].name} at turn {against.turn}, last no. {against.last_no})"
    )


def _winner(choice: Choice) -> Weighed | None:
    weighed = [one for look in choice.looks for one in look.weighed]
    return next((one for one in weighed if one.reason is CandidateReason.CHOSEN), None)


def _rule(asked: Asked, facts: Facts) -> dict[str, Any]:
    rule, when = asked.rule, asked.rule.when
    return {
        "id": rule.id,
        "when": None if when is None else when.text,
        "answer": asked.verdict.answer,
        "missing": asked.verdict.missing,
        "facts": {} if when is None else _seen(when, facts),
        "then": getattr(rule, "to", None) or getattr(rule, "then", None),
        "tell": getattr(rule, "tell", None),
    }


def _seen(when: Condition, facts: Facts) -> dict[str, Any]:
    return facts.only(*when.reads).as_json() if when.reads else {}


def _pool(look: Look, asked: Question, book: Rulebook) -> dict[str, Any]:
    turns = asked.rotation.pool(look.pool)
    return {
        "pool": look.pool,
        "calendar": book.team.pools[look.pool].calendar,
        "hours_left_aside": look.anyway,
        "members": [_member(each, turns, book) for each in look.weighed],
    }


def _member(each: Weighed, turns: PoolTurns, book: Rulebook) -> dict[str, Any]:
    seat = turns.seats.get(each.rep)
    known = book.team.reps.get(each.rep)
    return {
        "rep": each.rep,
        "name": each.rep if known is None else known.name,
        "weight": each.weight,
        "turn": str(each.turn),
        "taken": 0 if seat is None else seat.taken,
        "last_no": each.last_no,
        "available": each.absent is None,
        "reason": each.reason,
    }


def _chosen(choice: Choice, book: Rulebook) -> dict[str, Any] | None:
    if choice.rep is None:
        return None
    return {
        "rep": choice.rep,
        "name": book.team.reps[choice.rep].name,
        "pool": choice.pool,
        "because": choice.because,
        "rule": None if choice.rule is None else choice.rule.id,
    }


def _sentences(choice: Choice, asked: Question, book: Rulebook) -> Iterator[str]:
    """Yield what ``baton why`` prints, in the order in which it was decided."""
    if choice.simulated:
        yield "A test: it walks to the end, takes no turn and tells nobody."
    if choice.rule is not None:
        yield f"Rule {choice.rule.id}: {_facts_of(choice, asked.facts)}."
    passed = [each for each in choice.rules if each.rule != choice.rule]
    if passed:
        yield f"Passed over: {', '.join(_passed(each) for each in passed)}."
    for look in choice.looks:
        yield f"Pool {look.pool}: {_turns(look.weighed, book)}."
    yield _ended(choice, book)


def _facts_of(choice: Choice, facts: Facts) -> str:
    when = choice.rule.when if choice.rule is not None else None
    if when is None:
        return "takes all that is left"
    seen = _seen(when, facts)
    return ", ".join(f"{name} {value}" for name, value in seen.items()) or when.text


def _passed(asked: Asked) -> str:
    if asked.verdict.answer is Answer.UNKNOWN:
        return f"{asked.rule.id} (not known: {', '.join(asked.verdict.missing)})"
    return f"{asked.rule.id} (not met)"


def _turns(weighed: Sequence[Weighed], book: Rulebook) -> str:
    return ", ".join(
        f"{_name(each.rep, book)} at turn {each.turn}"
        + ("" if each.absent is None else " (not at work)")
        for each in weighed
    )


def _name(rep: str, book: Rulebook) -> str:
    known = book.team.reps.get(rep)
    return rep if known is None else known.name


def _ended(choice: Choice, book: Rulebook) -> str:
    if choice.rep is not None and choice.because is not None:
        why = _BECAUSE.get(choice.because, str(choice.because)).format(pool=choice.pool)
        return f"{_name(choice.rep, book)} got the lead: {why}."
    if choice.until is not None:
        return f"The lead waits for pool {choice.pool}, until {choice.until.isoformat()} at most."
    if choice.stopped is not None:
        return f"The gate's rule {choice.stopped.id} stopped the lead: {choice.unrouted}."
    return f"The lead went to nobody: {choice.unrouted}."
