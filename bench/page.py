"""docs/performance.md: the tables between two markers are a result's, all else is written by hand.

Called with --write-docs. No figure between the markers is typed by anybody.
"""

from pathlib import Path

from bench.result import Result
from bench.tables import Table, tables

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def write(file: Path, result: Result) -> None:
    """Put a result's tables into the page. Raises ValueError where the markers are missing."""
    put(file, text(result), BEGIN, END)


def put(file: Path, text: str, begin: str, end: str) -> None:
    """Put a text between two markers. Raises ValueError where they are missing."""
    before, found, rest = file.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        message = f"{file} has no {begin} … {end}: put both lines where the tables belong"
        raise ValueError(message)
    file.write_text(f"{before}{begin}\n{text}{end}{after}", encoding="utf-8")


def text(result: Result) -> str:
    """Return the part between the markers."""
    traits = ", ".join(f"{name} {value}" for name, value in result.machine.items())
    head = f"Taken {result.taken_at} (UTC) by `make bench`, seed {result.seed}, on: {traits}.\n"
    return "\n".join(["", head, *(markdown(each) for each in tables(result))])


def markdown(table: Table) -> str:
    """Return a table as Markdown, its title above it."""
    rows = [table.heads, ["---"] * len(table.heads), *table.rows]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"**{table.title}**\n\n{lines}\n"
