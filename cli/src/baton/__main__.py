"""The command `baton`: puts the commands together and turns Trouble into one line.

Called by the shell, or as `python -m baton`. Knows no command by itself: see baton.commands.
"""

import sys

import typer

from baton.commands import COMMANDS, GROUPS
from baton.local.trouble import Trouble
from baton.terminal import show_trouble


def application() -> typer.Typer:
    """All commands as one Typer application."""
    app = typer.Typer(
        name="baton",
        help="Baton carries a lead from marketing to sales. Start with: baton up",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for panel, name, command in COMMANDS:
        app.command(name, rich_help_panel=panel)(command)
    for panel, name, group in GROUPS:
        app.add_typer(group, name=name, rich_help_panel=panel, no_args_is_help=True)
    return app


def main() -> None:
    """Run one command; exit code 1 with one line for what a person can put right."""
    try:
        application()()
    except Trouble as trouble:
        show_trouble(str(trouble))
        sys.exit(1)


if __name__ == "__main__":
    main()
