"""The walk of one lead on a page: milliseconds, score with reasons, owner and why, deadline.

Called by the walk with what the APIs told. Pure: no request, no clock but the times it is given.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from baton.decisions import rule_facts, score_lines, turn_line
from baton.times import clock_time, span
from baton.walk.people import MadeUp

Json = Mapping[str, Any]
ROUTED = ("lead.routed", "lead.held", "lead.unrouted")
"""How routing may end: with an owner, or without one yet."""
_DETAIL = " " * 29


@dataclass(frozen=True)
class Sent:
    """The lead as it went out and what came back at once."""

    url: str
    who: MadeUp
    touch_id: str
    answer: str
    took_ms: float
    """From the request to the whole answer, as the sender saw it."""


def head(sent: Sent) -> Iterator[Text]:
    """Yield who was sent where."""
    who = sent.who
    yield Text(f"  A Google Ads lead, sent to {sent.url}")
    company = f"{who.company} ({who.employees})"
    yield Text(f"  {who.name}, {who.title}, {company}, {who.city}. ", "bold") + Text(
        "Made up; new at each start.", "dim"
    )
    yield Text("")


def hops(sent: Sent, walk: Mapping[str, Json], decision: Json | None) -> Iterator[Text]:
    """Yield each hop: ``walk`` has the steps of the timeline by the event's type."""
    told = f"{sent.answer} after {sent.took_ms:.1f} ms   touch {sent.touch_id}, kept for good"
    yield _hop(0.0, "ingest", told)
    scored = walk["lead.scored"]["body"]
    yield _hop(walk["lead.qualified"]["ms"], "scoring", _scored(scored))
    for line in score_lines(scored["score"]):
        yield Text(_DETAIL) + line
    for kind in ROUTED:
        if kind in walk:
            body = walk[kind]["body"]
            said = _owner(body) if kind == "lead.routed" else walk[kind]["says"]
            yield _hop(walk[kind]["ms"], "routing", said)
            for detail in _why(body, decision):
                yield Text(f"{_DETAIL}{detail}")
            break
    started = walk.get("clock.started")
    if started is not None:
        yield _hop(started["ms"], "sla-monitor", _clock(started["body"]))
    yield Text("")


def _hop(ms: float | None, service: str, said: str) -> Text:
    return Text(f"  {ms or 0.0:>7.1f} ms  ", "dim") + Text(f"{service:<13}", "cyan") + Text(said)


def _scored(body: Json) -> str:
    score = body["score"]
    over = f"over the line of {body['line']}" if body["qualified"] else f"line {body['line']}"
    return f"{score['points']} points, grade {score['grade']}: {over}, so MQL"


def _owner(body: Json) -> str:
    pool = f", pool {body['pool']}" if body.get("pool") else ""
    return f"{body['owner']['name']}{pool}: SQL (handed over)"


def _why(body: Json, decision: Json | None) -> Iterator[str]:
    rules = decision["walk"]["rules"] if decision is not None else []
    seen = {each["id"]: rule_facts(each) for each in rules}
    if body.get("rule"):
        facts = seen.get(body["rule"]) or "takes all that is left"
        over = [
            each["rule"] + (f" ({', '.join(each['missing'])} not known)" if each["missing"] else "")
            for each in body.get("passed_over", ())
        ]
        passed = f".  Passed over: {', '.join(over)}" if over else ""
        yield f"rule {body['rule']}: {facts}{passed}"
    if decision is not None:
        for look in decision["walk"]["pools"]:
            yield f"pool {look['pool']}: {turn_line(look)}"
        yield from decision["walk"]["sentences"][-1:]
    if body.get("next_rep_id"):
        yield f"Next turn in {body['pool']}: {_name(body['next_rep_id'], decision)}"


def _name(rep: str, decision: Json | None) -> str:
    pools = decision["walk"]["pools"] if decision is not None else []
    names = {each["rep"]: each["name"] for look in pools for each in look["members"]}
    return str(names.get(rep, rep))


def _clock(body: Json) -> str:
    target = str(body["target"]).replace("_", " ")
    warnings = [clock_time(each["at"]) for each in body.get("warnings", ())]
    warned = f", warning at {' and '.join(warnings)}" if warnings else ""
    hours = f"working time of {body['calendar']}" if body.get("calendar") else "wall time"
    by = clock_time(body["deadline"])
    return f"{target} by {by} ({span(body['allowed_seconds'])}, {hours}){warned}"


def not_chosen(decision: Json | None) -> str | None:
    """Return the id of a rep who was weighed and did not get the lead, the last pool's first."""
    chosen = None if decision is None else decision["walk"]["chosen"]
    if decision is None or chosen is None:
        return None
    looks = reversed(decision["walk"]["pools"])
    weighed = [each["rep"] for look in looks for each in look["members"]]
    return next((rep for rep in weighed if rep != chosen["rep"]), None)
