"""`baton check [FOLDER]`: reads the policies as the services would, without a running system.

Called by people who write policies, and before publishing. Each owner checks its own kinds with
`python -m SERVICE check FOLDER`; this gathers what they say.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from baton.local.checkout import checkout
from baton.local.trouble import Trouble
from baton.terminal import AsJson, console, show_json
from contracts.paths import KINDS

WITHIN_S = 60.0
_FINDING = re.compile(r"(?P<file>[^:\n]+):(?P<line>\d+):(?P<column>\d+): (?P<message>.+)")
_WARNING = "warning: "


@dataclass(frozen=True)
class Finding:
    """One thing that a service says of a file. Line and column count from 1."""

    service: str
    file: str
    line: int
    column: int
    warning: bool
    message: str

    def __str__(self) -> str:
        word = _WARNING if self.warning else ""
        return f"{self.file}:{self.line}:{self.column}: {word}{self.message}"


def check(
    folder: Annotated[
        Path | None, typer.Argument(help="The policies' folder; BATON_CONFIG or config/ else.")
    ] = None,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Take warnings for errors.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check policies: names, types, rules that nothing reaches, pools with nobody at work."""
    wanted = folder or Path(os.environ.get("BATON_CONFIG") or checkout() / "config")
    if not wanted.is_dir():
        raise Trouble(f"{wanted} is no folder: name the one with routing.yaml and its like")
    words = [str(wanted), *(["--strict"] if strict else [])]
    asked = {service: _start(service, words) for service in dict.fromkeys(KINDS.values())}
    found, failed = _gather(asked)
    if as_json:
        show_json({"ok": not failed, "findings": [asdict(each) for each in found]})
    else:
        _print(found, wanted, failed=failed)
    if failed:
        raise typer.Exit(1)


def _start(service: str, words: Sequence[str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", service.replace("-", "_"), "check", *words]
    return subprocess.Popen(  # noqa: S603 - our own programs, no shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _gather(asked: Mapping[str, "subprocess.Popen[str]"]) -> tuple[list[Finding], bool]:
    found: dict[str, Finding] = {}
    failed = False
    for service, process in asked.items():
        try:
            said, _ = process.communicate(timeout=WITHIN_S)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise Trouble(f"{service} did not end its check within {WITHIN_S:.0f} s") from error
        findings = read(service, said)
        if process.returncode not in (0, 1) or (process.returncode and not findings):
            last = (said.strip().splitlines() or ["nothing"])[-1]
            raise Trouble(f"{service} could not check: it said {last[:300]}")
        failed = failed or process.returncode != 0
        for each in findings:
            found.setdefault(str(each), each)  # two services may read the same list
    ordered = sorted(found.values(), key=lambda each: (each.file, each.line, each.column))
    return ordered, failed


def read(service: str, said: str) -> list[Finding]:
    """Return the findings in what a service's check printed; other lines are left out."""
    return [
        Finding(
            service=service,
            file=match["file"].strip(),
            line=int(match["line"]),
            column=int(match["column"]),
            warning=match["message"].startswith(_WARNING),
            message=match["message"].removeprefix(_WARNING),
        )
        for match in map(_FINDING.fullmatch, (line.strip() for line in said.splitlines()))
        if match is not None
    ]


def _print(found: Iterable[Finding], folder: Path, *, failed: bool) -> None:
    out = console()
    errors = warnings = 0
    for each in found:
        warnings += each.warning
        errors += not each.warning
        place = Text(f"{each.file}:{each.line}:{each.column}: ", style="bold")
        word = Text("warning: ", style="yellow") if each.warning else Text("error: ", style="red")
        out.print(place + word + Text(each.message))
    counted = f"{_count(errors, 'error')}, {_count(warnings, 'warning')}"
    mark = "[red]✗[/red]" if failed else "[green]✓[/green]"
    out.print(f"  {mark} ", end="")
    out.print(f"{folder}: {counted}", markup=False)


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"
