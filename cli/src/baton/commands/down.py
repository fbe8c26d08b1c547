"""`baton down`: stops what `baton up` left running, in order.

Called by people and by `make clean`.
"""

from typing import Annotated

import typer
from rich.console import Console

from baton.local.installation import of_environment
from baton.local.supervisor import Supervisor


def down(
    only: Annotated[
        str | None, typer.Option(help="One server or service, such as kafka or scoring.")
    ] = None,
) -> None:
    """Stop the services, then Kafka, then PostgreSQL."""
    stopped = Supervisor(of_environment()).down(only)
    Console(soft_wrap=True).print(f"  Stopped {', '.join(stopped) or 'nothing: nothing ran'}.")
