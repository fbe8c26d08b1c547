"""The commands of `baton`: one module each, wired here as a literal.

To add one: write commands/<name>.py with a function whose parameters are Typer's and whose
docstring is its help, raise Trouble for what a person can put right, and name it below under the
heading of `baton --help` where it belongs. A command with sub-commands (`tokens new`) brings a
typer.Typer named `app` and stands in GROUPS.
"""

from collections.abc import Callable
from typing import Any

import typer

from baton.commands import fetches, lanes, parked, policies, sources, tokens
from baton.commands.check import check
from baton.commands.down import down
from baton.commands.facts import facts
from baton.commands.find import find
from baton.commands.imports import import_
from baton.commands.logs import logs
from baton.commands.status import status
from baton.commands.up import up
from baton.commands.verify import verify
from baton.commands.watch import watch
from baton.commands.why import why

RUN = "Run it on this machine"
LEADS = "Leads"
POLICIES = "Policies"
OPERATE = "Operate it"

COMMANDS: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    (RUN, "up", up),
    (RUN, "down", down),
    (RUN, "status", status),
    (RUN, "logs", logs),
    (LEADS, "watch", watch),
    (LEADS, "why", why),
    (LEADS, "find", find),
    (LEADS, "import", import_),
    (POLICIES, "check", check),
    (POLICIES, "facts", facts),
    (OPERATE, "verify", verify),
)

GROUPS: tuple[tuple[str, str, typer.Typer], ...] = (
    (POLICIES, "policies", policies.app),
    (OPERATE, "sources", sources.app),
    (OPERATE, "parked", parked.app),
    (OPERATE, "fetches", fetches.app),
    (OPERATE, "lanes", lanes.app),
    (OPERATE, "tokens", tokens.app),
)
