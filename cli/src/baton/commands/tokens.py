"""`baton tokens new`: makes an access token, shows it once and enters its hash in the access file.

Called by people. The token itself is written nowhere: who loses it makes another.
"""

import os
import re
import secrets
import shutil
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from baton.calling import call
from baton.local.home import Home, write_private
from baton.local.trouble import Trouble
from baton.terminal import AsJson, console, show_json
from chassis.http.access_file import AccessFileProblem, Entry, new_token, read
from chassis.http.principal import Scope

app = typer.Typer(help="Access tokens for the APIs.", no_args_is_help=True)

ACCESS = "BATON_ACCESS"
_DAYS = re.compile(r"([1-9][0-9]{0,3})d")


class Where(StrEnum):
    """What becomes of the entry."""

    WRITE = "write"
    PRINT = "print"


@app.callback()
def _group() -> None:
    """Keep `new` a sub-command although it is the only one."""


@app.command()
def new(  # noqa: PLR0913 - the options of a command
    name: Annotated[str, typer.Argument(help="Whose it is; stands in the audit.")],
    *,
    scope: Annotated[
        list[Scope], typer.Option("--scope", help="What it allows; give it once for each.")
    ],
    expires: Annotated[
        str | None, typer.Option(help="From when on it is refused: 90d, or a date (UTC).")
    ] = None,
    rep: Annotated[str | None, typer.Option(help="The rep whose own it is.")] = None,
    team: Annotated[str | None, typer.Option(help="The team that it is bound to.")] = None,
    entry: Annotated[
        Where, typer.Option(help="Write the entry into the access file, or print it only.")
    ] = Where.WRITE,
    as_json: AsJson = False,
) -> None:
    """Make a token and show it once; services know it a second later."""
    until = _instant(expires)
    try:
        token, made = new_token(name, frozenset(scope), expires=until, rep=rep, team=team)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Trouble(f"{place} of the token: {first['msg']}") from error
    file = access_file()
    if entry is Where.WRITE:
        add(file, made)
    if as_json:
        view = {"token": token, "entry": made.model_dump(mode="json")}
        show_json(view | ({"file": str(file)} if entry is Where.WRITE else {}))
        return
    out = console()
    out.print(token, markup=False)
    if entry is Where.WRITE:
        out.print(f"  Shown this once. {made.name} stands in {file} now.", markup=False)
    else:
        out.print("  Shown this once. Its entry, for tokens: in the access file:", markup=False)
        out.print(text_of(made), markup=False, end="")


def access_file() -> Path:
    """The access file of BATON_ACCESS, else that of the home. Nothing is read."""
    told = os.environ.get(ACCESS)
    return Path(told).absolute() if told else Home.of_environment().access


def add(file: Path, made: Entry) -> None:
    """Append an entry, comments and other entries staying as they are. Raises Trouble.

    The file is replaced whole, once the new one was read as it should be; mode and owner stay.
    """
    if not file.exists():
        message = (
            f"there is no access file {file}: run {call('up')}, set {ACCESS}, or --entry print"
        )
        raise Trouble(message)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        entries = read(file).tokens
        if any(each.name == made.name for each in entries):
            message = f"{made.name} stands in {file} already: choose another name, or remove it"
            raise Trouble(message)
        text = file.read_text(encoding="utf-8")
        write_private(draft, text.rstrip("\n") + "\n" + text_of(made))
        if _read(draft) != (*entries, made):
            message = f"{file} does not end in its list of tokens: use --entry print and paste it"
            raise Trouble(message)
        shutil.copymode(file, draft)
        os.chown(draft, file.stat().st_uid, file.stat().st_gid)
        draft.replace(file)
    except AccessFileProblem as problem:
        raise Trouble(f"{file}: {problem}: mend it, or --entry print") from problem
    except OSError as error:
        message = f"{file} cannot be written ({error.strerror}): as whose it is, or --entry print"
        raise Trouble(message) from error
    finally:
        draft.unlink(missing_ok=True)


def _read(draft: Path) -> tuple[Entry, ...] | None:
    try:
        return read(draft).tokens
    except AccessFileProblem:
        return None


def text_of(made: Entry) -> str:
    """The lines of an entry in the access file."""
    scopes = ", ".join(sorted(made.scopes))
    expires = made.expires.isoformat() if made.expires else "null"
    lines = [
        f"  - name: {_quoted(made.name)}",
        f"    sha256: {_quoted(made.sha256)}",
        f"    scopes: [{scopes}]",
        f"    expires: {expires}",
    ]
    if made.rep is not None:
        lines.append(f"    rep: {_quoted(made.rep)}")
    if made.team is not None:
        lines.append(f"    team: {_quoted(made.team)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    days = _DAYS.fullmatch(text)
    if days:
        return datetime.now(UTC).replace(microsecond=0) + timedelta(days=int(days[1]))
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"--expires {text!r} is neither days like 90d nor a date like 2027-01-31"
        raise Trouble(message) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
