"""``python -m SERVICE check FOLDER [--strict]``: the policies a service owns, without a system.

Services put ``check_command`` into their commands. Prints a line a finding and opens nothing else.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from chassis.policies.errors import PolicyError, PolicyRefused
from chassis.policies.owning import PolicySource

_STRICT = "--strict"
_MISUSED = 2

Warn = Callable[[Path], Sequence[PolicyError]]
"""Finds what is odd but not wrong in a folder that can be read."""


def _nothing(_: Path) -> Sequence[PolicyError]:
    return ()


def check_command(
    owns: Sequence[PolicySource], warn: Warn = _nothing
) -> Callable[[Sequence[str]], int]:
    """Return the command: exit code 0, 1 for errors (with --strict for warnings too), 2 misused."""

    def check(arguments: Sequence[str]) -> int:
        folders = [each for each in arguments if not each.startswith("-")]
        if len(folders) != 1 or set(arguments) - {*folders, _STRICT}:
            sys.stderr.write("usage: check FOLDER [--strict]\n")
            return _MISUSED
        folder = Path(folders[0])
        errors = [error for source in owns for error in _errors(source, folder)]
        odd = [] if errors else list(warn(folder))
        strict = _STRICT in arguments
        lines = [str(each) for each in errors]
        lines += [
            str(each if strict else each._replace(message=f"warning: {each.message}"))
            for each in odd
        ]
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        return 1 if errors or (strict and odd) else 0

    return check


def _errors(source: PolicySource, folder: Path) -> Sequence[PolicyError]:
    try:
        source.read(folder)
    except PolicyRefused as refused:
        return refused.errors
    return ()
