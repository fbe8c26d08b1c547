"""`baton logs`: what the processes wrote, the last lines or as it comes.

Called by people. Reads files only.
"""

import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TextIO

import typer

from baton.calling import call
from baton.local.home import Home
from baton.local.trouble import Trouble

LOOK_EVERY_S = 0.2


def logs(
    name: Annotated[str | None, typer.Argument(help="One process; all when left out.")] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, max=10_000)] = 20,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Show the last lines of one log or of all."""
    files = _files(Home.of_environment().logs, name)
    streams = {file.stem: file.open(encoding="utf-8", errors="replace") for file in files}
    for process, stream in streams.items():
        for line in deque(stream, maxlen=lines):
            _show(process, line, alone=name is not None)
    try:
        while follow:
            if not _show_new(streams, alone=name is not None):
                time.sleep(LOOK_EVERY_S)
    except KeyboardInterrupt:
        return
    finally:
        for stream in streams.values():
            stream.close()


def _files(folder: Path, name: str | None) -> list[Path]:
    found = sorted(folder.glob("*.log"))
    wanted = [file for file in found if name is None or file.stem == name]
    if wanted:
        return wanted
    known = ", ".join(file.stem for file in found)
    about = f"there is no log of {name!r}" if name else f"there are no logs in {folder}"
    way_out = f"choose from {known}" if known else f"start with {call('up')}"
    raise Trouble(f"{about}: {way_out}")


def _show_new(streams: Mapping[str, TextIO], *, alone: bool) -> bool:
    shown = False
    for process, stream in streams.items():
        for line in stream:
            _show(process, line, alone=alone)
            shown = True
    return shown


def _show(process: str, line: str, *, alone: bool) -> None:
    text = line.rstrip("\n")
    typer.echo(text if alone else f"{process:<14} {text}")
