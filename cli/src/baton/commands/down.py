"""`baton down`: stops what `baton up` left running, in order.

Called by people and by `make clean`.
"""

from typing import Annotated

import typer
from rich.console import Console

from baton.local.account import remove_data
from baton.local.installation import known
from baton.local.supervisor import Supervisor
from baton.local.trouble import Trouble


def down(
    only: Annotated[
        str | None, typer.Option(help="One server or service, such as kafka or scoring.")
    ] = None,
    *,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove BATON_HOME with all its data, too.")
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
        for folder in remove_data(installation.home):
            console.print(f"  Removed {folder}.")
