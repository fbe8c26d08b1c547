"""`baton parked list|show|retry`: messages that services put aside, why, and taking them up again.

Called by operators. Never shows a message's body: it may hold a person.
"""

from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.text import Text

from baton.calling import call
from baton.client import Client
from baton.commands.asking import (
    OneService,
    Services,
    admin,
    ask_each,
    chosen,
    require_all,
    unless_absent,
)
from baton.local.trouble import Trouble
from baton.terminal import AsJson, console, fits, instant, show_json, table

app = typer.Typer(help="Messages that were put aside because they could not be decided.")

_BODIES = "sources"
"""The step where ingest puts bodies of senders aside."""

Parked = Annotated[str, typer.Argument(help="Its id, or the beginning of it.")]


class State(StrEnum):
    """Where a parked message is."""

    PARKED = "parked"
    RETRYING = "retrying"
    DONE = "done"


@app.command("list")
def list_parked(
    services: Services = None,
    *,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    as_json: AsJson = False,
) -> None:
    """List parked messages, oldest first, those done already too unless --state says otherwise."""
    wanted = chosen(services)
    with Client.of_environment() as client:
        lists = ask_each(
            wanted, lambda each: list(client.items(admin(each, "parked"), {"state": state}))
        )
    found = [{"service": name, **item} for name, items in lists.items() for item in items]
    if as_json:
        show_json(found)
    elif found:
        _print_list(found)
    elif len(lists) == len(wanted):
        console().print("  Nothing is parked.")
    require_all(wanted, lists)


@app.command()
def show(service: OneService, parked: Parked, *, as_json: AsJson = False) -> None:
    """Show one message: where it came from and why it was put aside."""
    with Client.of_environment() as client, _known(service, parked):
        found = client.get(admin(service, f"parked/{_whole(client, service, parked)}"))
    if as_json:
        show_json(found)
        return
    _print(found)


@app.command()
def retry(service: OneService, parked: Parked, *, as_json: AsJson = False) -> None:
    """Hand a message to its lane again, once what stood against it is mended."""
    with Client.of_environment() as client, _known(service, parked):
        found = client.post(admin(service, f"parked/{_whole(client, service, parked)}/retry"))
    if as_json:
        show_json(found)
        return
    console().print(
        f"  {found['id']} is {found['state']}: see {call(f'parked show {service} {parked}')}"
    )


def _known(service: str, parked: str) -> AbstractContextManager[None]:
    return unless_absent(
        f"{service} parked no message {parked!r}: {call(f'parked list {service}')} lists them"
    )


def _whole(client: Client, service: str, beginning: str) -> str:
    """Return the id that begins so. Raises Trouble where none or several do."""
    (service,) = chosen([service])
    try:
        return str(UUID(beginning))
    except ValueError:
        pass
    matching = [
        str(each["id"])
        for each in client.items(admin(service, "parked"))
        if beginning and str(each["id"]).startswith(beginning.lower())
    ]
    if len(matching) != 1:
        many = "several messages begin" if matching else f"{service} parked no message that begins"
        raise Trouble(f"{many} with {beginning!r}: see {call(f'parked list {service}')}")
    return matching[0]


def _print_list(found: list[dict[str, Any]]) -> None:
    """Print the list; with each one's detail where there is room for it."""
    titles = ("id", "service", "step", "lane", "event", "reason", "state", "parked at (UTC)")
    rows = [_row(each) for each in found]
    detailed = table(
        *titles,
        "detail",
        rows=((*row, each["detail"]) for row, each in zip(rows, found, strict=True)),
    )
    out = console()
    out.print(detailed if fits(out, detailed) else table(*titles, rows=rows))


def _row(each: dict[str, Any]) -> tuple[object, ...]:
    colour = {"parked": "yellow", "retrying": "cyan", "done": "green"}.get(each["state"], "")
    return (
        each["id"],
        each["service"],
        each["step"],
        each["lane"],
        _event(each),
        each["reason"],
        Text(str(each["state"]), style=colour),
        instant(each["parked_at"]),
    )


def _event(each: dict[str, Any]) -> str:
    """Return what kind of event it is; a sender's body is none, and is told by its source."""
    if each["event_type"]:
        return str(each["event_type"])
    return str(each["topic"]) if each["step"] == _BODIES else "?"


def _print(found: dict[str, Any]) -> None:
    where = f"{found['topic']}, partition {found['partition']}, offset {found['offset']}"
    rows = (
        ("id", found["id"]),
        ("from", where),
        ("event", f"{found['event_type'] or 'of unknown type'} {found['event_id'] or ''}".strip()),
        ("step", f"{found['step']}, lane {found['lane']}"),
        ("reason", found["reason"]),
        ("detail", found["detail"]),
        ("state", f"{found['state']} after {found['tries']} tries"),
        ("parked at", f"{instant(found['parked_at'])} UTC"),
    )
    shown = table("", "", rows=rows)
    shown.show_header = False
    console().print(shown)
