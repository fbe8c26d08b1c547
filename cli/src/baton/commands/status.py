"""`baton status`: which processes run, on which ports, since when, and where their data lies.

Called by people. Exit code 1 when something that should run is not ready.
"""

from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.table import Table

from baton.local.account import left_over, server_folder
from baton.local.installation import known
from baton.local.supervisor import State, Supervisor


def status() -> None:
    """Show each process, its port and whether it is ready."""
    installation = known()
    states = Supervisor(installation).status()
    table = Table(box=None, pad_edge=False)
    for title in ("process", "port", "state", "pid", "since (UTC)"):
        table.add_column(title)
    for state in states:
        table.add_row(*_row(state))
    console = Console(soft_wrap=True)
    console.print(table)
    console.print(f"home {installation.home.root}", highlight=False)
    folder = server_folder(installation.home, installation.account)
    if folder != installation.home.root:
        who = f"{installation.account.name} cannot reach {installation.home.root}"
        console.print(f"servers' data in {folder}, since user {who}", highlight=False)
    for other in left_over(installation.home):
        console.print(f"left over from an earlier home at this path: {other}", highlight=False)
    if not all(state.ready for state in states):
        raise typer.Exit(1)


def _row(state: State) -> tuple[str, ...]:
    if state.process is None:
        return (state.name, str(state.port), "[dim]not running[/dim]", "", "")
    word = "[green]ready[/green]" if state.ready else "[yellow]not ready[/yellow]"
    since = datetime.fromtimestamp(state.process.since, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return (state.name, str(state.port), word, str(state.process.pid), since)
