"""`make bench-rolling`: three processes restarted one after another; who waits, and how long.

Prints a table; --write-docs writes it into docs/performance.md. Ends with 0 whatever it finds.
"""

import asyncio
import secrets
import signal
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table as RichTable

from baton.local.checkout import checkout
from bench.machine import machine
from bench.page import markdown, put
from bench.rolling.restarting import measured
from bench.rolling.result import RUNS, Found, table
from bench.tables import Table
from tests.support.servers import own_servers

BEGIN, END = "<!-- bench-rolling: begin -->", "<!-- bench-rolling: end -->"


async def _all(seed: str, console: Console) -> list[Found]:
    found = []
    with own_servers() as servers, tempfile.TemporaryDirectory() as folder:
        for number, run in enumerate(RUNS, 1):
            found.append(await measured(servers, Path(folder), run, seed))
            longest_s = max(found[-1].longest_s)
            what = f"{run.manner}; {run.way}; {run.session_s:g} s: {longest_s:.1f} s"
            console.print(f"  {number}/{len(RUNS)} {what}", markup=False, highlight=False)
    return found


def rolling(
    *,
    write_docs: Annotated[
        bool, typer.Option("--write-docs", help="Write the table into docs/performance.md.")
    ] = False,
    seed: Annotated[str | None, typer.Option(help="Gives the same flow again.")] = None,
) -> None:
    """Measure how long a lead waits at most while a service is restarted."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    seed = seed or secrets.token_hex(3)
    shown = table(asyncio.run(_all(seed, Console(stderr=True, soft_wrap=True))))
    traits = ", ".join(f"{name} {value}" for name, value in machine().items())
    taken = f"Taken {datetime.now(UTC):%Y-%m-%dT%H:%M} (UTC) by `make bench-rolling`"
    head = f"{taken}, seed {seed}, on: {traits}."
    Console(soft_wrap=True).print(_rich(shown))
    if write_docs:
        put(checkout() / "docs" / "performance.md", f"\n{head}\n\n{markdown(shown)}", BEGIN, END)


def _rich(shown: Table) -> RichTable:
    drawn = RichTable(title=shown.title, title_justify="left", box=None, pad_edge=False)
    for place, head in enumerate(shown.heads):
        drawn.add_column(head, justify="left" if place < 2 else "right")
    for row in shown.rows:
        drawn.add_row(*row)
    return drawn


if __name__ == "__main__":
    typer.run(rolling)
