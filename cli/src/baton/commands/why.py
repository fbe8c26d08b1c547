"""`baton why LEAD [--not REP]`: why a lead has its owner, and why another rep has not.

Called by people. Routing derives the decision again from its history; this prints it.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any

import typer
from rich.text import Text

from baton.calling import call
from baton.client import Client, Refusal
from baton.decisions import decision_lines, score_lines
from baton.leads import LEAD_HELP, lead_named
from baton.local.trouble import Trouble
from baton.terminal import AsJson, console, instant, show_json

_NOT_FOUND = 404
_LIKE = 0.7
"""How like two words must be, from 0 to 1, for one to be meant by the other."""


def why(
    lead: Annotated[str, typer.Argument(help=LEAD_HELP)],
    *,
    rep: Annotated[
        str | None, typer.Option("--not", metavar="REP", help="The id of a rep who did not get it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Explain who got a lead and why: score, gate, rules, turns; and why not somebody else."""
    with Client.of_environment() as client:
        named = lead_named(client, lead)
        try:
            found = client.get(f"/v1/decisions/{named}", {"not": rep})
        except Refusal as refusal:
            if refusal.status != _NOT_FOUND:
                raise
            if rep is not None:
                _require_rep(client, rep)
                raise
            _undecided(client.get(f"/v1/scores/{named}"), as_json=as_json)
            return
    if as_json:
        show_json(found)
        return
    _print(found)


def _require_rep(client: Client, told: str) -> None:
    """Raise Trouble with the ids nearest where no rep has this id; a name is taken for one too."""
    names = {str(each["id"]): str(each["name"]) for each in client.items("/v1/reps")}
    if told in names:
        return
    near = nearest_reps(told, names)
    way_out = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names)}"
    raise Trouble(f"no rep has the id {told!r}: {way_out}")


def nearest_reps(told: str, names: Mapping[str, str]) -> list[str]:
    """Return up to three ids whose id or name is like what was told, the nearest first."""
    words = {
        word.lower(): rep for rep, name in names.items() for word in (*name.split(), name, rep)
    }
    found = get_close_matches(told.lower(), words, n=6, cutoff=_LIKE)
    return list(dict.fromkeys(words[each] for each in found))[:3]


def _undecided(score: dict[str, Any], *, as_json: bool) -> None:
    """Say how far a lead is that routing has not been asked about."""
    if as_json:
        show_json(score)
        return
    out = console()
    points = f"{score['score']['points']} points, the line is {score['line']}"
    out.print(Text(f"  Lead {score['lead_id']} has no owner: {points}; stage {score['stage']}."))
    for line in score_lines(score["score"]):
        out.print(Text("    ") + line)
    if score["qualified"]:
        out.print(
            f"  It is on its way to routing, or was: see {call('parked list')}.", markup=False
        )


def _print(found: dict[str, Any]) -> None:
    out = console()
    mode = found["event"].get("mode", "live")
    marked = "" if mode == "live" else f", {mode}"
    place = f"{found['outcome']} {instant(found['decided_at'])} UTC, decision {found['decision']}"
    out.print(Text(f"  Lead {found['lead_id']}{marked}: {place}"))
    for line in decision_lines(found):
        out.print(line)
    versions = "  ".join(f"{kind} {hashed[:8]}" for kind, hashed in found["policies"].items())
    out.print(Text(f"  {'policies':<10}{versions}", style="dim"))
    if found["earlier"]:
        earlier = ", ".join(
            f"{each['outcome']} {instant(each['decided_at'])}" for each in found["earlier"]
        )
        out.print(Text(f"  {'before':<10}{earlier}", style="dim"))
