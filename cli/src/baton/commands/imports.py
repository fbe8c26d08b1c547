"""`baton import touches|facts FILE`: history from another system, told to ingest row by row.

Called by people. Exit code 1 where a row was refused, or a dry run warns; the same command goes on
where one that was interrupted stopped.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from baton.calling import call
from baton.client import Client
from baton.importing.bar import Bar
from baton.importing.fields import What
from baton.importing.mapping import read_mapping
from baton.importing.place import Place, Rejects, load_place, place_file, rejects_file
from baton.importing.reading import Rows, opened
from baton.importing.rows import Rule
from baton.importing.running import Batch, Import, batches, digest
from baton.importing.sending import Sender
from baton.local.trouble import Trouble
from baton.terminal import AsJson, console, show_json, table

_SHOWN = 10
"""Rows that cannot be sent, told to people in a dry run."""
_MOST_WRONG = 1_000
"""The same, told to programs."""

File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV, NDJSON or Parquet, by its name.")]
MappingFile = Annotated[
    Path | None,
    typer.Option("--mapping", metavar="YAML", help="Which column is which field."),
]
Source = Annotated[
    str | None, typer.Option(help="The source of rows that name none; else the token's name.")
]
LiveSince = Annotated[
    str | None,
    typer.Option(
        metavar="INSTANT",
        help="What happened after it is live: routed, timed and told. Left out: all is history.",
    ),
]
Zone = Annotated[str | None, typer.Option(help="Of instants that name none, as Europe/Berlin.")]
RejectsFile = Annotated[
    Path | None,
    typer.Option("--rejects", help="Where refused rows go; else FILE.rejects.ndjson."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Read the file and say what would be sent; send nothing.")
]
Again = Annotated[bool, typer.Option("--again", help="From the first row, whatever was done.")]


def import_(  # noqa: PLR0913 - the options of one command
    what: Annotated[What, typer.Argument(metavar="touches|facts", help="What its rows are.")],
    file: File,
    *,
    mapping: MappingFile = None,
    source: Source = None,
    live_since: LiveSince = None,
    zone: Zone = None,
    rejects: RejectsFile = None,
    dry_run: DryRun = False,
    again: Again = False,
    as_json: AsJson = False,
) -> None:
    """Import history of another system, each row at its own instant: CSV, NDJSON or Parquet.

    Rows are history, which is scored and counted and routes nobody, unless newer than --live-since.
    """
    rule = Rule(read_mapping(what, mapping, zone), source, _instant(live_since))
    refused = rejects or rejects_file(file)
    if refused.exists() and any(each and refused.samefile(each) for each in (file, mapping)):
        raise Trouble(f"--rejects: {refused} is read by this import; name another file")
    with opened(file) as rows:
        if rows.columns is not None:
            rule.mapped.require(rows.columns, str(file))
        if dry_run:
            _dry(rows, rule, as_json=as_json)
            return
        told = _sent(file, rows, rule, refused, again=again)
    if as_json:
        show_json(told.view())
    else:
        _print(told)
    if told.place.rejected:
        raise typer.Exit(1)


@dataclass(frozen=True)
class _Told:
    """How an import ended."""

    what: What
    file: Path
    rejects: Path
    place: Place
    before: bool
    """Whether all of it was done before."""

    def view(self) -> dict[str, object]:
        """Return it for machines."""
        told = {name: getattr(self.place, name) for name in ("historical", "live", "rejected")}
        refused = str(self.rejects) if self.place.rejected else None
        return {**told, "rejects": refused, "before": self.before}


def _sent(file: Path, rows: Rows, rule: Rule, rejects: Path, *, again: bool) -> _Told:
    """Send what is left to send. Raises Trouble."""
    what, named = rule.mapped.fields.what, digest(file, rule)
    place, begun = load_place(place_file(file), named, again=again)
    if place.done:
        return _Told(what, file, rejects, place, before=True)
    out = Rejects(rejects, place, mine=begun or again)
    if again:
        out.replace()
    with Client.of_environment() as client, Bar(what.value) as bar:
        sender = Sender(client, what, named, bar.waits)
        try:
            place = Import(rule, sender, out, place_file(file), bar).run(rows, place)
        except Trouble as trouble:
            raise Trouble(f"{trouble}\n{_goes_on(file)}") from trouble
        finally:
            out.close()
    return _Told(what, file, rejects, place, before=False)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Trouble("--live-since: expected an instant with its zone, as 2026-11-02T09:00:00Z")
    return found.astimezone(UTC)


def _goes_on(file: Path) -> str:
    return f"The import stopped there. The same command goes on from {place_file(file)}."


@dataclass
class _Found:
    """What a dry run saw of a file."""

    lines: int = 0
    historical: int = 0
    live: int = 0
    wrong: list[dict[str, object]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    """The fields that any of its rows has."""

    def add(self, batch: Batch, rule: Rule) -> None:
        """Count more of it."""
        self.lines += batch.lines
        self.historical += sum(old for _, _, old in batch.sent)
        self.live += sum(not old for _, _, old in batch.sent)
        left = _MOST_WRONG - len(self.wrong)
        self.wrong += [{"line": e.number, "reason": why} for e, why in batch.wrong[:left]]
        for line in (*(each[0] for each in batch.sent), *(each[0] for each in batch.wrong)):
            self.known |= rule.mapped.known_of(line.cells)


def _dry(rows: Rows, rule: Rule, *, as_json: bool) -> None:
    """Say what would be sent. Raises typer.Exit where the file lacks what all its rows need."""
    found = _Found()
    for batch in batches(rows, rule, 0):
        found.add(batch, rule)
    columns = {each: rule.mapped.field_of(each) for each in rows.columns or ()}
    known = found.known | rule.mapped.known_of(columns)
    lacking = rule.mapped.fields.lacking(known) if found.lines or columns else []
    if as_json:
        told = {"rows": found.lines, "historical": found.historical, "live": found.live}
        show_json({**told, "wrong": found.wrong, "columns": columns, "warnings": lacking})
    else:
        _print_dry(found, columns, lacking)
    if lacking:
        raise typer.Exit(1)


def _print_dry(found: _Found, columns: Mapping[str, str | None], lacking: Sequence[str]) -> None:
    out = console()
    if columns:
        out.print(table("column", "field", rows=columns.items()))
    counts = f"as history {found.historical:,}, live {found.live:,}"
    out.print(f"  rows: {found.lines:,}; {counts}; nothing was sent")
    for each in found.wrong[:_SHOWN]:
        out.print(f"  line {each['line']}: {each['reason']}", markup=False)
    shown = len(found.wrong[:_SHOWN])
    if (more := found.lines - found.historical - found.live - shown) > 0:
        out.print(f"  and {more:,} more that cannot be sent")
    for lack in lacking:
        out.print(f"  warning: {lack}; a mapping says which column it is", markup=False)
    out.print("  Whether an address is one, and other values, ingest says when it is sent.")


def _print(told: _Told) -> None:
    out, place = console(), told.place
    live = f", {place.live:,} live" if place.live else ""
    done = "was imported already" if told.before else "is imported"
    out.print(f"  {told.file} {done}: {place.historical:,} as history{live}", markup=False)
    if told.before:
        again = call(f"import {told.what} {shlex.quote(str(told.file))} --again")
        out.print(f"  {again} tells it anew; equal rows are the same touches", markup=False)
    if place.rejected:
        where = f"{told.rejects} has line, reason and row"
        out.print(f"  refused: {place.rejected:,}; {where}", markup=False)
