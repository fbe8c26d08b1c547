"""`make bench-ingest`: ingest on one core beside a bare app, and under slow connections.

Prints tables; --write-docs writes them into docs/performance.md. Ends with 0 whatever it finds.
"""

import asyncio
import os
import secrets
import signal
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import orjson
import typer
from rich.console import Console

from baton.local.checkout import checkout
from bench.__main__ import shown
from bench.ingest.cores import can_pin
from bench.ingest.measuring import Plan, measured
from bench.ingest.result import Found, tables
from bench.ingest.stage import stage
from bench.machine import machine
from bench.page import markdown, put

BEGIN, END = "<!-- bench-ingest: begin -->", "<!-- bench-ingest: end -->"


async def _all(plan: Plan, console: Console) -> Found:
    async with stage() as standing:
        return await measured(standing, plan, lambda line: _say(console, line))


def _say(console: Console, line: str) -> None:
    console.print(f"  {line}", markup=False, highlight=False)


def ingest(
    *,
    as_text: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    write_docs: Annotated[
        bool, typer.Option("--write-docs", help="Write the tables into docs/performance.md.")
    ] = False,
    rounds: Annotated[int, typer.Option(min=1, help="How many of each, by turns.")] = 5,
    seed: Annotated[str | None, typer.Option(help="Gives the same people again.")] = None,
) -> None:
    """Measure requests a second on one core, memory, and honest latency beside slow connections."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    plan = Plan(seed or secrets.token_hex(3), rounds)
    console = Console(stderr=True, soft_wrap=True)
    load, is_pinned = os.getloadavg()[0], can_pin()
    found = asyncio.run(_all(plan, console))
    head = _head(plan, load, is_pinned=is_pinned)
    if as_text:
        sys.stdout.buffer.write(orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2) + b"\n")
    else:
        _show(head, found)
    if write_docs:
        text = "\n".join(["", head, "", *(markdown(each) for each in tables(found))])
        put(checkout() / "docs" / "performance.md", text, BEGIN, END)


def _head(plan: Plan, load: float, *, is_pinned: bool) -> str:
    traits = ", ".join(f"{name} {value}" for name, value in machine().items())
    cores = "each side on a core of its own" if is_pinned else "all on the same cores"
    taken = f"Taken {datetime.now(UTC):%Y-%m-%dT%H:%M} (UTC) by `make bench-ingest`"
    before = f"load of the machine before it {load:.1f}"
    return f"{taken}, seed {plan.seed}, {cores}, {before}, on: {traits}."


def _show(head: str, found: Found) -> None:
    console = Console(soft_wrap=True)
    console.print(head, highlight=False)
    for each in tables(found):
        console.print(shown(each))


if __name__ == "__main__":
    typer.run(ingest)
