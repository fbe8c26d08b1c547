"""What was found as lines for people: the walk so far, where it stands, why, what would move it.

Called by find. Pure: asks nothing.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from baton.calling import call
from baton.finding.asking import STUCK, WHOLE, Answer, Lead
from baton.finding.waiting import waiting_lines
from baton.terminal import instant, table

Json = dict[str, Any]

_WHY: dict[str, str] = {
    "lead": "its id",
    "touch": "the id of a touch",
    "email": "its e-mail address",
    "phone": "its telephone number",
    "sender": "a touch's id at {}",
    "person": "the person's id at {}",
    "browser": "the id of its browser",
    "account": "its company's domain",
}
_MARKS = {
    "test": "A test: it walks as a simulation, takes nobody's turn and is counted nowhere.",
    "historical": "Imported history.",
}
_GOOD = frozenset({"routed", "returned", "accepted", "worked", "opportunity", "customer"})
_BAD = frozenset({"spam", "gate", "unrouted", "disqualified", "erased"})


def lines(found: Answer, *, most_steps: int | None) -> Iterator[RenderableType]:
    """Yield what was found; of each walk at most the last steps, None: all."""
    for told in found.account:
        facts = ", ".join(f"{name} {value}" for name, value in told["facts"].items())
        yield Text(f"  Told of the company by {told['source']}: {facts}", "dim")
    if len(found.leads) > WHOLE:
        yield from _many(found)
    else:
        for lead in found.leads:
            yield from _one(lead, most_steps)
    if found.waiting is not None:
        yield from waiting_lines(found.waiting)
    if found.unasked is not None:
        yield Text(f"  Ingest was not asked what waits there: {found.unasked}", "dim")


def nothing(found: Answer) -> Iterator[str]:
    """Yield what to try where nothing was found."""
    yield "No lead is known by this. What to try next:"
    if found.parked:
        touches = _count(found.parked, "touch")
        yield f"  {touches} could not be resolved: {call('parked list scoring')}"
    if found.waiting is not None and found.waiting["spooled"]:
        records = _count(found.waiting["spooled"], "record")
        yield f"  {records} of ingest still wait for Kafka: {call('status')}"
    yield f"  sent just now? A lead is here within a second: {call('watch')} shows those that come"
    yield f"  was it refused? {call('sources show ID')} has the last attempts with their reasons"
    yield "  another name of it: e-mail address, telephone number with its country's code,"
    yield "    an id of the sender, X-Baton-Touch-Id of the answer, the company's domain"
    yield f"  a test lead is found by the id of its touch alone: see {call('watch --begin')}"


def _many(found: Answer) -> Iterator[RenderableType]:
    beside = ", and older ones" if found.more else ""
    yield Text(f"  {len(found.leads)} leads{beside}; the last active first")
    titles = ("lead", "found by", "stands at", "because", "since (UTC)")
    yield table(*titles, rows=(_row(each) for each in found.leads))
    yield Text(f"  One of them whole: {call('find LEAD')}", "dim")


def _row(lead: Lead) -> Iterable[object]:
    stands = lead.standing or {}
    word = _word(stands.get("standing"))
    return (
        lead.lead_id,
        reasons(lead.matches),
        Text(word, _colour(stands.get("standing"))),
        stands.get("because"),
        instant(stands.get("since")),
    )


def _one(lead: Lead, most_steps: int | None) -> Iterator[RenderableType]:
    head = Text(f"  Lead {lead.lead_id}", "bold")
    who = _who((lead.timeline or {}).get("person") or {})
    yield head + Text(f"{who}   found by {reasons(lead.matches)}", "not bold dim")
    if lead.timeline is None:
        yield Text("    Scoring knows it, and insights has not heard of it yet.")
        yield Text(f"    It comes within a second. Else see {call('lanes list insights')}", "dim")
        return
    yield from _walk(lead.timeline["steps"], most_steps)
    yield _stands(lead)
    yield Text("")


def _walk(steps: list[Json], most: int | None) -> Iterator[RenderableType]:
    left_out = 0 if most is None else max(0, len(steps) - most)
    if left_out:
        yield Text(f"    {_count(left_out, 'earlier step')}: --all shows them", "dim")
    rows = (
        (
            Text(f"    {instant(each['recorded_at'])}", "dim"),
            Text(each["service"], "cyan"),
            each["says"],
        )
        for each in steps[left_out:]
    )
    shown = table("", "", "", rows=rows)
    shown.show_header = False
    yield shown


def _stands(lead: Lead) -> Table:
    stands = lead.standing
    rows: list[tuple[object, object]] = []
    if stands is None:
        rows.append(("stands at", "Nothing that was heard says it."))
    else:
        word = stands["standing"]
        at = Text(f"{_word(word)} since {instant(stands['since'])} UTC. ", _colour(word))
        rows.append(("stands at", at + Text(stands["says"], "not bold default")))
        if stands["because"]:
            rows.append(("because", stands["because"]))
        rows.append(("moved by", stands["moves"]))
        if stands["mode"] in _MARKS:
            rows.append(("", Text(_MARKS[stands["mode"]], "magenta")))
        rows += _stuck(lead, word)
    cells = ((Text(f"    {title}", "cyan"), told) for title, told in rows)
    shown = table("", "", rows=cells)
    shown.show_header = False
    return shown


def _stuck(lead: Lead, word: str) -> Iterator[tuple[object, object]]:
    service = STUCK.get(word)
    for each in lead.parked:
        said = f"put aside by {service}, {instant(each['parked_at'])} UTC: {each['reason']}"
        yield "parked", Text(said, "red")
        yield "", call(f"parked show {service} {each['id']}")
    if service is not None and not lead.parked:
        look = f"{call(f'lanes list {service}')}, {call(f'parked list {service}')}"
        yield "", Text(look, "dim")


def reasons(matches: Iterable[Json]) -> str:
    """Return by what a lead was found, in words."""
    told = (_WHY[each["by"]].format(each.get("source")) for each in matches)
    return ", ".join(dict.fromkeys(told))


def _who(person: Json) -> str:
    told = [person[name] for name in ("full_name", "email") if person.get(name)]
    return f"  {', '.join(told)}" if told else ""


def _word(standing: str | None) -> str:
    return "not heard of yet" if standing is None else standing.replace("_", " ")


def _colour(standing: str | None) -> str:
    if standing in _GOOD:
        return "bold green"
    return "bold red" if standing in _BAD else "bold yellow"


def _count(number: int, word: str) -> str:
    if number == 1:
        return f"1 {word}"
    return f"{number} {word}es" if word.endswith("ch") else f"{number} {word}s"
