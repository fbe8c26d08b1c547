"""`baton fetches list|retry`: leads that a platform only points at, and what hinders fetching them.

Called by operators. Shows ids and reasons; a person is nowhere in it.
"""

from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.text import Text

from baton.calling import call
from baton.client import Client
from baton.commands.asking import admin, unless_absent
from baton.hindrances import hindrance
from baton.terminal import AsJson, console, instant, show_json, table

app = typer.Typer(help="Leads to be fetched from platforms that only point at them.")


class State(StrEnum):
    """Where a lead is."""

    WAITING = "waiting"
    PARKED = "parked"
    DONE = "done"
    WITHDRAWN = "withdrawn"


@app.command("list")
def list_fetches(
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List leads to fetch, oldest first: those that are done as well, unless --state says."""
    asked = {"source": source, "state": state}
    with Client.of_environment() as client:
        found = list(client.items(admin("ingest", "fetches"), asked))
    if as_json:
        show_json(found)
    elif found:
        titles = ("number", "source", "lead", "state", "tries", "hindered", "next try (UTC)")
        console().print(table(*titles, rows=(_row(each) for each in found)))
    else:
        console().print("  No lead is to be fetched.")


@app.command()
def retry(
    number: Annotated[int, typer.Argument(help="Its number in the list.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Try again now, also what was given up."""
    absent = f"no lead {number} waits or was given up: {call('fetches list')} lists them"
    with Client.of_environment() as client, unless_absent(absent):
        found = client.post(admin("ingest", f"fetches/{number}/retry"))
    if as_json:
        show_json(found)
        return
    console().print(f"  {number} is tried now: see {call('fetches list')}")


def _row(each: dict[str, Any]) -> tuple[object, ...]:
    colour = {"parked": "red", "waiting": "yellow", "done": "green"}.get(each["state"], "")
    waits = each["state"] == "waiting"
    return (
        each["id"],
        each["source"],
        each["lead"],
        Text(str(each["state"]), style=colour),
        each["tries"],
        hindrance(each),
        instant(each["due_at"]) if waits else "",
    )
