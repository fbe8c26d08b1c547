"""`baton find WHAT`: where a lead is, why it is there, and what would move it on.

Called by people who miss a lead, and with --json by programs. Exit code 1 where nothing is found.
"""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from baton.client import Client
from baton.finding.asking import ask
from baton.finding.page import lines, nothing
from baton.local.trouble import Trouble
from baton.terminal import AsJson, console, show_json, show_trouble

_STDIN = "-"
_LAST_STEPS = 30
_LONGEST = 320

What = Annotated[
    str,
    typer.Argument(
        metavar="WHAT",
        help="An e-mail address, a telephone number, an id of Baton's or of any sender, or a "
        "company's domain. A single - reads it from standard input, so that no history of a "
        "shell keeps it.",
    ),
]


def find(
    what: What,
    *,
    whole: Annotated[bool, typer.Option("--all", help="Every step of a long walk.")] = False,
    as_json: AsJson = False,
) -> None:
    """Find a lead: its walk so far, where it stands, why, and what would move it."""
    sought = _sought(what)
    with Client.of_environment() as client:
        found = ask(client, sought)
    if as_json:
        show_json(asdict(found))
    else:
        out = console()
        for line in lines(found, most_steps=None if whole else _LAST_STEPS):
            out.print(line)
    if found.is_empty:
        if not as_json:
            show_trouble("\n".join(nothing(found)))
        raise typer.Exit(1)


def _sought(what: str) -> str:
    text = (sys.stdin.readline() if what == _STDIN else what).strip()
    if not text:
        raise Trouble("there is nothing to look for: give an address, a number, an id or a domain")
    if len(text) > _LONGEST:
        raise Trouble(f"what to look for has at most {_LONGEST} characters")
    return text
