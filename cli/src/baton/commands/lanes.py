"""`baton lanes list|show|resume`: how each lane stands, and a person's word that one may go on.

Called by operators. A lane stops where records are missing; only people decide to give them up.
"""

from contextlib import AbstractContextManager
from typing import Annotated, Any
from urllib.parse import quote

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
from baton.terminal import AsJson, console, instant, show_json, table

app = typer.Typer(help="Lanes: the partitions of leads, each with one writer a step.")

Step = Annotated[str, typer.Argument(help="The step, such as score or routing.")]
Number = Annotated[int, typer.Argument(min=0, help="The lane's number, from 0.")]

_COLOURS = {"running": "green", "taking": "cyan", "elsewhere": "dim", "stopped": "red"}


@app.command("list")
def list_lanes(services: Services = None, *, as_json: AsJson = False) -> None:
    """List the lanes of all services as one instance of each sees them."""
    wanted = chosen(services)
    with Client.of_environment() as client:
        pages = ask_each(wanted, lambda each: client.get(admin(each, "lanes")))
    found = [{"service": name, **item} for name, page in pages.items() for item in page["items"]]
    if as_json:
        show_json(found)
    elif found:
        titles = ("service", "step", "lane", "state", "epoch", "outbox", "next timer (UTC)", "why")
        console().print(table(*titles, rows=(_row(each) for each in found)))
    require_all(wanted, pages)
    if any(each["state"] == "stopped" for each in found):
        raise typer.Exit(1)


@app.command()
def show(service: OneService, step: Step, lane: Number, *, as_json: AsJson = False) -> None:
    """Show one lane with its positions."""
    (service,) = chosen([service])
    with Client.of_environment() as client, _known(service, step, lane):
        found = client.get(_path(service, step, lane))
    if as_json:
        show_json(found)
        return
    _print(service, found)


@app.command()
def resume(
    service: OneService,
    step: Step,
    lane: Number,
    *,
    accept_gap: Annotated[
        bool, typer.Option("--accept-gap", help="Give up the records that are missing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let a stopped lane go on; who said so and why it stood is written down."""
    (service,) = chosen([service])
    with Client.of_environment() as client, _known(service, step, lane):
        found = client.post(f"{_path(service, step, lane)}/resume", {"accept_gap": accept_gap})
    if as_json:
        show_json(found)
        return
    _print(service, found)


def _path(service: str, step: str, lane: int) -> str:
    return admin(service, f"lanes/{quote(step, safe='')}/{lane}")


def _known(service: str, step: str, lane: int) -> AbstractContextManager[None]:
    there_are = f"{call(f'lanes list {service}')} lists those there are"
    return unless_absent(f"{service} has no lane {lane} of a step {step!r}: {there_are}")


def _row(each: dict[str, Any]) -> tuple[object, ...]:
    return (
        each["service"],
        each["step"],
        each["lane"],
        _state(each),
        each["epoch"],
        each["outbox"] or "",
        instant(each["next_timer"]),
        each["reason"],
    )


def _state(each: dict[str, Any]) -> Text:
    return Text(str(each["state"]), style=_COLOURS.get(each["state"], ""))


def _print(service: str, found: dict[str, Any]) -> None:
    out = console()
    head = Text(f"{service} {found['step']} lane {found['lane']}: ").append_text(_state(found))
    out.print(head)
    if found["reason"]:
        out.print(f"  {found['reason']}", markup=False)
    timer = instant(found["next_timer"]) or "none"
    out.print(f"  epoch {found['epoch']}, outbox {found['outbox']}, next timer {timer}")
    rows = ((each["topic"], each["partition"], each["next_offset"]) for each in found["positions"])
    out.print(table("topic", "partition", "next offset", rows=rows))
