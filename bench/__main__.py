"""`make bench`: Baton beside the floor, on this machine, by turns; a table, JSON, and the page.

Ends with 0 also where goals are missed: it measures, people judge. Missed ones are marked.
"""

import asyncio
import secrets
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table as RichTable

from baton.local.checkout import checkout
from baton.local.trouble import Trouble
from bench import page
from bench.measuring import BenchFailed, Measuring, Plan
from bench.result import Result, as_json
from bench.stage import stage
from bench.tables import Table, tables

RESULTS = "bench/results"


class Told:
    """Says on the error stream how it goes, so that --json stays clean."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, soft_wrap=True, highlight=False)

    def begins(self, what: str) -> None:
        """Hear that a part is being started; nothing to say."""

    def ready(self, what: str) -> None:
        self.said(f"✓ {what}")

    def arrived(self, size: int) -> None:
        """Hear that bytes came in; nothing to say."""

    def said(self, line: str) -> None:
        self._console.print(f"  {line}", markup=False)


def bench(
    *,
    as_text: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    write_docs: Annotated[
        bool, typer.Option("--write-docs", help="Write the tables into docs/performance.md.")
    ] = False,
    rounds: Annotated[int, typer.Option(min=1, help="How many of each, by turns.")] = 3,
    seconds: Annotated[float, typer.Option(min=1, help="Length of a round.")] = 8.0,
    search: Annotated[bool, typer.Option(help="Look for the highest sustained rate.")] = True,
    seed: Annotated[str | None, typer.Option(help="Gives the same people again.")] = None,
) -> None:
    """Measure latency by hop, throughput, CPU and memory, Baton and the floor by turns."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    told, plan = Told(), Plan(seed or secrets.token_hex(3), rounds, seconds, search=search)
    told.said(f"seed {plan.seed}")
    try:
        with stage(told) as standing:
            result = asyncio.run(Measuring(standing, plan, told).run())
    except (BenchFailed, Trouble) as failed:
        told.said(f"✗ {failed}")
        raise typer.Exit(1) from None
    kept = _keep(result)
    if write_docs:
        page.write(checkout() / "docs" / "performance.md", result)
    if as_text:
        sys.stdout.buffer.write(_json(result))
    else:
        _show(result)
    told.said(f"kept in {kept.relative_to(checkout())}")


def _keep(result: Result) -> Path:
    folder = checkout() / RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    file.write_bytes(_json(result))
    return file


def _json(result: Result) -> bytes:
    return orjson.dumps(as_json(result), option=orjson.OPT_INDENT_2) + b"\n"


def _show(result: Result) -> None:
    console = Console(soft_wrap=True)
    traits = ", ".join(f"{name} {value}" for name, value in result.machine.items())
    console.print(f"{result.taken_at}  {traits}", highlight=False)
    for each in tables(result):
        console.print(shown(each))


def shown(table: Table) -> RichTable:
    """Return a table for a terminal; missed goals are red."""
    drawn = RichTable(title=table.title, title_justify="left", box=None, pad_edge=False)
    for place, head in enumerate(table.heads):
        drawn.add_column(head, justify="left" if place == 0 else "right")
    for row in table.rows:
        drawn.add_row(*row, style="red" if row[-1] == "missed" else None)
    return drawn


if __name__ == "__main__":
    typer.run(bench)
