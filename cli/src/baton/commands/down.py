"""`baton down`: stops what `baton up` left running, in order.

Called by people and by `make clean`.
"""

from typing import Annotated

import typer
from rich.console import Console

from baton.local.account import remove_data
from baton.local.home import Home
from baton.local.installation import known
from baton.local.supervisor import Supervisor
from baton.local.trouble import Trouble

SHOWN = 10
"""Names shown of what was left."""


def down(
    only: Annotated[
        str | None, typer.Option(help="One server or service, such as kafka or scoring.")
    ] = None,
    *,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove what Baton made in BATON_HOME, data too.")
    ] = False,
) -> None:
    """Stop the services, then Kafka, then PostgreSQL."""
    if only is not None and remove:
        raise Trouble("--remove is for all: leave --only out")
    console = Console(soft_wrap=True)
    installation = known()
    stopped = Supervisor(installation).down(only)
    console.print(f"  Stopped {', '.join(stopped) or 'nothing: nothing ran'}.")
    if remove:
        _remove(installation.home, console)


def _remove(home: Home, console: Console) -> None:
    removed, left = remove_data(home)
    for folder in removed:
        console.print(f"  Removed {folder}.", markup=False)
    if left:
        names = ", ".join(each.name for each in left[:SHOWN])
        more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
        told = f"  Removed Baton's files in {home.root}; left what is not Baton's: {names}{more}."
        console.print(told, markup=False)
