"""`baton watch`: leads as they walk, one line a hop, until Ctrl-C.

Called by people, and with --json by programs. Follows insights by a long poll; a pause of insights
is waited out and nothing that came meanwhile is missed.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from baton.client import Client, Refusal
from baton.local.trouble import Trouble
from baton.terminal import AsJson, console, show_json_line
from baton.times import to_the_millisecond

WAIT_S = 20
"""How long insights may hold an answer back while nothing happens."""
AGAIN_S = 1.0
_PATH = "/v1/timelines"
_COLOURS = {
    "touch.resolved": "cyan",
    "lead.qualified": "cyan",
    "lead.routed": "green",
    "clock.met": "green",
    "clock.warned": "yellow",
    "sla.breached": "bold red",
    "message.parked": "bold red",
}


def watch(
    *,
    begin: Annotated[
        bool, typer.Option("--begin", help="From the first event that there is.")
    ] = False,
    lines: Annotated[
        int | None, typer.Option("--lines", "-n", min=1, help="End after so many hops.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show leads as they walk, one line a hop, until Ctrl-C."""
    shown = 0
    out = console()
    with Client.of_environment() as client, _until_interrupted() as interrupted:
        try:
            place = "begin" if begin else client.get(_PATH)["next"]
            if not as_json:
                out.print(Text(f"  {'time':<12}  {'lead':<36}  {'after':>10}  service", "dim"))
            while not interrupted.is_set():
                place, items = _news(client, place)
                for item in items:
                    _show(item, out, as_json=as_json)
                    shown += 1
                    if shown == lines:
                        return
        except KeyboardInterrupt:
            return


@contextmanager
def _until_interrupted() -> Iterator[Event]:
    """Note Ctrl-C besides raising it: where it falls into a finaliser, Python throws it away."""
    interrupted = Event()

    def note(_number: int, _frame: object) -> None:
        interrupted.set()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, note)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _news(client: Client, place: str) -> tuple[str, list[dict[str, Any]]]:
    """Return what comes next; waits while insights does not answer. Raises Refusal."""
    told = False
    while True:
        try:
            answer = client.get(_PATH, {"after": place, "wait": WAIT_S}, timeout_s=WAIT_S + 10.0)
        except Refusal as refusal:
            if refusal.status < 500:  # noqa: PLR2004 - below it is our own mistake
                raise
            told = _wait(refusal, told=told)
        except Trouble as trouble:
            told = _wait(trouble, told=told)
        else:
            return answer["next"], answer["items"]


def _wait(trouble: Trouble, *, told: bool) -> bool:
    if not told:
        Console(stderr=True, soft_wrap=True).print(Text(f"  {trouble}; waiting", "yellow"))
    time.sleep(AGAIN_S)
    return True


def _show(item: dict[str, Any], out: Console, *, as_json: bool) -> None:
    if as_json:
        show_json_line(item)
    else:
        out.print(line(item))


def line(item: dict[str, Any]) -> Text:
    """Return one hop: time, lead, milliseconds since the hop that caused it, who, what."""
    since = item["ms_since_cause"]
    after = "" if since is None else f"+{since:,.1f} ms"
    head = f"  {to_the_millisecond(item['recorded_at'])}  {item['lead_id'] or '':<36}  {after:>10}"
    mode = "" if item["mode"] == "live" else f"[{item['mode']}] "
    said = Text(item["says"], _COLOURS.get(item["type"], ""))
    if item["type"] == "touch.resolved":
        said += Text(f"   {_name(item)}", "dim")
    elif about := _about(item["body"]):
        said += Text(f"   {about}", "dim")
    return Text(f"{head}  {item['service']:<12} ") + Text(mode, "magenta") + said


def _about(body: dict[str, Any]) -> str:
    """Return whom or what of the sales team an event is about; empty for one about a lead."""
    if body.get("lead_id"):
        return ""
    rep = body.get("rep")
    if isinstance(rep, dict):
        pools = ", ".join(body.get("pools") or ())
        return f"{rep['name']} ({rep['id']})" + (f", pools {pools}" if pools else "")
    return str(body.get("pool") or body.get("rep_id") or body.get("account") or "")


def _name(item: dict[str, Any]) -> str:
    """Return what `baton why` knows the lead by: the address where it may be seen, else the id."""
    address = (item.get("person") or {}).get("email")
    return str(address if address and "***" not in address else item["lead_id"])
