"""The commands of `baton`: one module each, wired here as a literal.

To add one: write commands/<name>.py with a function whose parameters are Typer's and whose
docstring is its help, raise Trouble for what a person can put right, and name it below. A command
with sub-commands (`tokens new`) brings a typer.Typer named `app` and stands in GROUPS.
"""

from collections.abc import Callable
from typing import Any

import typer

from baton.commands.down import down
from baton.commands.logs import logs
from baton.commands.status import status
from baton.commands.up import up

COMMANDS: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("up", up),
    ("down", down),
    ("status", status),
    ("logs", logs),
)

GROUPS: tuple[tuple[str, typer.Typer], ...] = ()
