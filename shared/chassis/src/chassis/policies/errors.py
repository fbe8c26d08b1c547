"""How a refused policy is told: file, line, column, and what to do.

`document` raises these; services and `baton check` print them. Never repeats a secret.
"""

from collections.abc import Sequence
from typing import NamedTuple

Path = tuple[str | int, ...]


class PolicyError(NamedTuple):
    """One thing wrong in a policy file. Line and column count from 1; `path` leads to the value."""

    file: str
    line: int
    column: int
    path: Path
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class PolicyRefused(Exception):  # noqa: N818 -- a refusal is the outcome, its errors are inside
    """A policy that cannot take force; `errors` are all that is wrong, in the file's order."""

    def __init__(self, errors: Sequence[PolicyError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda e: (e.file, e.line, e.column, e.message)))
        super().__init__("\n".join(str(error) for error in self.errors))
