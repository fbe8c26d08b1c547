"""How baton is called from this folder: commands in hints that work when they are pasted.

Called by whatever tells a person what to type next. Starts nothing.
"""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

CONFIGURED = frozenset({"up", "check"})
"""The commands that read the folder of policies themselves."""


def call(words: str, told: Mapping[str, str] = os.environ) -> str:
    """Return a command line with the home and the config that this process was told.

    The program is named by its place unless the shell finds it by its name.
    """
    configured = words.partition(" ")[0] in CONFIGURED
    names = ("BATON_HOME", "BATON_CONFIG") if configured else ("BATON_HOME",)
    settings = [f"{name}={shlex.quote(told[name])}" for name in names if told.get(name)]
    return " ".join([*settings, _program(), words])


def near(path: Path) -> str:
    """Return a path from here where it lies below this folder, else the whole of it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _program() -> str:
    program = Path(sys.executable).with_name("baton")
    if not program.exists():
        return "baton"
    found = shutil.which("baton")
    if found is not None and Path(found).samefile(program):
        return "baton"
    return shlex.quote(near(program))
