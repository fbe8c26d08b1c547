"""What a command shows: Rich for people, JSON for machines, both on standard output.

Called by the commands. Knows no service and asks nothing.
"""

import json
import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]

PIPED_WIDTH = 200
"""Columns where nobody looks: a table that is read by a program must not be cut at 80."""

_WIDEST = 10_000


def console() -> Console:
    """Return where people read; colours only on a terminal."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return Console(soft_wrap=True, highlight=False)
    return Console(soft_wrap=True, highlight=False, width=PIPED_WIDTH)


def show_json(value: Any) -> None:  # noqa: ANN401 - any JSON
    """Print one JSON value, indented."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def show_json_line(value: Any) -> None:  # noqa: ANN401 - any JSON
    """Print one JSON value on one line, at once: a reader at the other end waits for it."""
    typer.echo(json.dumps(value, ensure_ascii=False))
    sys.stdout.flush()


def show_trouble(line: str) -> None:
    """Print what a person can put right, on standard error."""
    Console(stderr=True, soft_wrap=True).print(f"[red]✗[/red] {escape(line)}", highlight=False)


def table(*titles: str, rows: Iterable[Iterable[object]]) -> Table:
    """Return a table without lines; None is shown as nothing, a text as it is, without markup."""
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for title in titles:
        # An id or an address that is cut cannot be pasted; in two lines it can be read at least.
        shown.add_column(title, overflow="fold")
    for row in rows:
        shown.add_row(*(_cell(each) for each in row))
    return shown


def fits(out: Console, shown: Table) -> bool:
    """Tell whether a table stands there with each row on one line."""
    return _natural(out, shown) <= out.width


def unbounded(out: Console, shown: Table) -> Console:
    """Return the console, as wide as the table wants to be."""
    out.width = max(out.width, _natural(out, shown))
    return out


def _natural(out: Console, shown: Table) -> int:
    return Measurement.get(out, out.options.update(max_width=_WIDEST), shown).maximum


def _cell(value: object) -> Text:
    return value if isinstance(value, Text) else Text("" if value is None else str(value))


def instant(text: str | None) -> str:
    """Return an instant of an API as people read it: UTC, to the second."""
    if not text:
        return ""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def short(identifier: object) -> str:
    """Return the first eight characters of an id or a hash, enough for people to tell two apart."""
    return str(identifier or "")[:8]
