"""A routing decision as lines for people: score, gate, rules with the facts seen, turns, owner.

Called by why and by the walk, on the answer of routing's GET /v1/decisions/{lead}. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.text import Text

from baton.calling import call

Json = Mapping[str, Any]

GOOD, BAD, QUIET = "green", "red", "dim"
_INDENT = 14


def score_lines(score: Json) -> Iterator[Text]:
    """Yield a line for each group of a score with what each rule added: ``fit 40  decides +10``."""
    width = max((len(each["group"]) for each in score["groups"]), default=0)
    for group in sorted(score["groups"], key=lambda each: -float(each["points"])):
        added = [each for each in score["contributions"] if each["group"] == group["group"]]
        rules = "  ".join(f"{each['rule']} {signed(each['points'])}" for each in added)
        cut = f"  (less {group['cut']} over the cap)" if group["cut"] != "0" else ""
        yield Text(f"{group['group']:<{width}} {group['points']:>4}  {rules}{cut}")


def signed(points: str) -> str:
    """Return points with their sign: ``+10``."""
    return points if points.startswith("-") else f"+{points}"


def decision_lines(decision: Json) -> Iterator[Text]:
    """Yield the whole decision."""
    body, walk = decision["event"]["body"], decision["walk"]
    score = body["score"]
    grade = f", grade {score['grade']}" if score.get("grade") else ""
    yield _headed("score", Text(f"{score['points']} points{grade}"))
    yield from (_headed("", line) for line in score_lines(score))
    yield from _section("gate", (_rule(each) for each in walk["gate"]))
    yield from _section("rules", (_rule(each) for each in walk["rules"]))
    for look in walk["pools"]:
        yield from _pool(look)
    yield from _section("nobody free", (_rule(each) for each in walk["nobody_available"]))
    yield _headed("so", Text(walk["sentences"][-1] if walk["sentences"] else "", style="bold"))
    why_not = decision.get("why_not")
    if why_not is not None:
        yield _headed("why not", Text(str(why_not["sentence"]), style="bold"))
    if decision["as_recorded"]:
        yield _headed("", Text("Derived again from history just now: equal, byte for byte.", QUIET))
    else:
        said = f"Derived again from history just now: NOT equal; see {call('verify routing')}."
        yield _headed("", Text(said, BAD))


def rule_facts(rule: Json) -> str:
    """Return what a rule saw: ``lead.territory EMEA``; or which facts were missing."""
    if rule["missing"]:
        return f"not known: {', '.join(rule['missing'])}"
    return ", ".join(f"{name} {_value(value)}" for name, value in rule["facts"].items())


def turn_line(look: Json) -> str:
    """Return the arithmetic of a turn in one line, in the order of the turns."""
    members, anyway = look["members"], look["hours_left_aside"]
    if not anyway and not any(each["available"] for each in members):
        return f"nobody at work ({', '.join(each['name'] for each in members)})"
    told = ", ".join(
        f"{each['name']} at turn {each['turn']}"
        + ("" if each["available"] or anyway else " (not at work)")
        for each in members
    )
    return f"working hours left aside, {told}" if anyway else told


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _section(title: str, lines: Iterable[Text]) -> Iterator[Text]:
    for number, line in enumerate(lines):
        yield _headed(title if number == 0 else "", line)


def _headed(title: str, line: Text) -> Text:
    return Text(f"  {title:<{_INDENT - 2}}", style="cyan") + line


def _rule(rule: Json) -> Text:
    met = rule["answer"] == "met"
    mark = Text("✓ ", GOOD) if met else Text("· ", QUIET)
    then = f" → {rule['then']}" if met and rule["then"] else ""
    when = rule["when"] or "takes all that is left"
    seen = rule_facts(rule)
    shown = mark + Text(f"{rule['id']}{then}", "bold" if met else "") + Text(f"  {when}", QUIET)
    return shown + Text(f"  [{seen}]") if seen else shown


def _pool(look: Json) -> Iterator[Text]:
    hours = ", working hours left aside" if look["hours_left_aside"] else ""
    calendar = f", calendar {look['calendar']}" if look.get("calendar") else ""
    yield _headed("turn", Text(f"pool {look['pool']}{calendar}{hours}"))
    members = look["members"]
    width = max((len(each["name"]) for each in members), default=0)
    for each in members:
        chosen = each["reason"] == "chosen"
        arithmetic = f"weight {each['weight']}  turn {each['turn']:<6} leads taken {each['taken']}"
        reason = str(each["reason"] or "").replace("_", " ")
        line = Text(f"  {each['name']:<{width}}  {arithmetic:<32}  ", GOOD if chosen else "")
        yield _headed("", line + Text(reason, GOOD if chosen else QUIET))
