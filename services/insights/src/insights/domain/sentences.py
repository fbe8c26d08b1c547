"""What an event says, in one line for people and without a person. Pure; no decision rests on it.

Called for the live view and the page of one touch. An event that has no line says its type.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from contracts.events.kinds import ConsentState
from insights.domain.recorded import Recorded

_Body = Mapping[str, Any]
_MOST_REASONS = 6
_REFUSED = frozenset({ConsentState.DENIED, ConsentState.WITHDRAWN})
_MOST_NAMES = 5


def sentence(event: Recorded) -> str:
    """Return one line about the event."""
    tell = _SENTENCES.get(event.type)
    return event.type if tell is None else tell(event.body)


def _touch(body: _Body) -> str:
    form = f", form {body['form']}" if body.get("form") else ""
    known = "a new lead" if body.get("first") else "a lead that we know"
    return f"{body['kind']} by {body['source']}{form}: {known}{_spam(body.get('facts') or {})}"


def _spam(facts: _Body) -> str:
    signs = ", ".join(str(each).replace("_", " ") for each in facts.get("touch.spam_signs") or ())
    if facts.get("touch.is_spam"):
        return f"; spam, so it goes no further: {signs}"
    return f"; signs of spam: {signs}" if signs else ""


def _score(body: _Body) -> str:
    score = body["score"]
    grade = f", grade {score['grade']}" if score.get("grade") else ""
    return f"{score['points']} points{grade}{_contributions(score)}"


def _contributions(score: _Body) -> str:
    parts = [f"{each['rule']} {_signed(each['points'])}" for each in score["contributions"]]
    return f" ({', '.join(parts[:_MOST_REASONS])})" if parts else ""


def points_missing(body: _Body) -> str:
    """Return how far a score is below the line, by the body of a LeadScored."""
    refused = (body.get("consent") or {}).get("profiling") or {}
    if refused.get("state") in _REFUSED:
        return "the person does not consent to being scored"
    points, line = Decimal(body["score"]["points"]), Decimal(body["line"])
    if points >= line:
        return f"{points} points would do for the line of {line}; a rule or a person says no"
    return f"{points} points, {line - points} short of the line of {line}"


def _signed(points: str) -> str:
    return points if points.startswith("-") else f"+{points}"


def _qualified(body: _Body) -> str:
    reasons = ", ".join(
        f"{each['code']} {each['rule']}" if each.get("rule") else str(each["code"])
        for each in body["reasons"]
    )
    return f"MQL with {body['score']['points']} points: {reasons}"


def _routed(body: _Body) -> str:
    pool = f", pool {body['pool']}" if body.get("pool") else ""
    rule = f" (rule {body['rule']}, {body['because']})" if body.get("rule") else ""
    return f"{body['owner']['name']}{pool}: SQL (handed over){rule}"


def _reassigned(body: _Body) -> str:
    previous = body["previous_owner"]["name"]
    return f"{body['owner']['name']} instead of {previous} ({body['reason']})"


def _held(body: _Body) -> str:
    until = f" until {time_of(body['until'])} at the latest" if body.get("until") else ""
    return f"waits{until} ({body['reason']})"


def _offered(body: _Body) -> str:
    names = ", ".join(str(each["name"]) for each in body["to"])
    return f"offered to {names} until {time_of(body['answer_by'])}"


def _declined(body: _Body) -> str:
    return f"{body['rep']['name']} declined ({body['reason']})"


def _unrouted(body: _Body) -> str:
    rule = f", rule {body['rule']}" if body.get("rule") else ""
    return f"given to nobody ({body['reason']}{rule})"


def _consents(body: _Body) -> str:
    said = ", ".join(f"{purpose} {told['state']}" for purpose, told in body["consent"].items())
    return f"told by {body['source']}: {said}"


def _facts(body: _Body) -> str:
    names = sorted(body["facts"])
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"told by {body['source']}: {', '.join(names[:_MOST_NAMES])}{more}"


def _started(body: _Body) -> str:
    hours = f"working time of {body['calendar']}" if body.get("calendar") else "wall time"
    warned = ", ".join(time_of(each["at"]) for each in body["warnings"])
    warning = f", warning at {warned}" if warned else ""
    return f"{_target(body)} by {time_of(body['deadline'])} ({hours}){warning}"


def _warned(body: _Body) -> str:
    return f"{_target(body)} is due by {time_of(body['deadline'])}"


def _met(body: _Body) -> str:
    return f"{_target(body)} {'in time' if body['in_time'] else 'too late'}"


def _corrected(body: _Body) -> str:
    taken_back = ", the breach is taken back" if body["withdraws_breach"] else ""
    return f"{_target(body)} corrected ({body['reason']}){taken_back}"


def _breached(body: _Body) -> str:
    return f"{_target(body)} was due by {time_of(body['deadline'])}: breached"


def _contacted(body: _Body) -> str:
    return f"contacted by {body['channel']}: {body['outcome']}"


def _with_reason(word: str) -> Callable[[_Body], str]:
    return lambda body: f"{word} ({body['reason']})"


def _just(word: str) -> Callable[[_Body], str]:
    return lambda _: word


def _target(body: _Body) -> str:
    return str(body["target"]).replace("_", " ")


def time_of(text: str) -> str:
    """Return an instant of a body as people read it: in UTC, to the second."""
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S} UTC"


_SENTENCES: Mapping[str, Callable[[_Body], str]] = MappingProxyType(
    {
        "touch.resolved": _touch,
        "lead.scored": _score,
        "lead.qualified": _qualified,
        "lead.returned": _just("asks again"),
        "lead.unqualified": _with_reason("an MQL no longer"),
        "lead.routed": _routed,
        "lead.reassigned": _reassigned,
        "lead.held": _held,
        "lead.offered": _offered,
        "offer.declined": _declined,
        "offer.expired": _just("nobody took the offer in time"),
        "lead.unrouted": _unrouted,
        "lead.accepted": _just("accepted"),
        "lead.rejected": _with_reason("rejected"),
        "lead.contacted": _contacted,
        "meeting.booked": _just("meeting booked"),
        "opportunity.opened": _just("opportunity opened"),
        "deal.won": _just("won"),
        "deal.lost": _with_reason("lost"),
        "lead.recycled": _with_reason("back with marketing"),
        "lead.disqualified": _with_reason("disqualified"),
        "consent.resolved": _consents,
        "facts.resolved": _facts,
        "erasure.asked": _just("the person is to be forgotten"),
        "clock.started": _started,
        "clock.warned": _warned,
        "clock.met": _met,
        "clock.corrected": _corrected,
        "sla.breached": _breached,
        "policy.published": lambda body: f"policy {body['kind']} {body['hash'][:12]} published",
    }
)
