"""`baton policies show|diff|publish|history|rollback`: what is in force, and changing it.

Called by people who write policies. The owner of the kind answers; under BATON_POLICIES=files
(the default) its files are the master, so publish reads them and rollback is refused.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.text import Text

from baton.calling import call
from baton.client import Client
from baton.commands.asking import ask_each, require_all
from baton.comparing import as_yaml, changes
from baton.local.trouble import Trouble
from baton.terminal import AsJson, console, instant, short, show_json, table
from contracts.events.kinds import PolicyKind

app = typer.Typer(help="Policies: what is in force, and what config/ would make of it.")

Kind = Annotated[PolicyKind, typer.Argument(help="The kind of policy.")]
Kinds = Annotated[list[PolicyKind] | None, typer.Argument(help="Some kinds; all when left out.")]

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@app.command()
def show(
    kind: Annotated[
        PolicyKind | None, typer.Argument(help="The kind of policy; a list when left out.")
    ] = None,
    *,
    version: Annotated[
        str | None, typer.Option(help="A version's hash, or its beginning; else what is in force.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the policy in force, or an earlier version of it."""
    with Client.of_environment() as client:
        if kind is None:
            versions = ask_each(PolicyKind, lambda each: client.get(_path(each)))
            if versions or as_json:
                _list(list(versions.values()), as_json=as_json)
            require_all(list(PolicyKind), versions)
            return
        path = _path(kind) if version is None else _path(kind, f"versions/{version}")
        found = client.get(path)
    if as_json:
        show_json(found)
        return
    out = console()
    out.print(f"# {_about(found)}", style="dim", markup=False)
    out.print(as_yaml(found["content"]), markup=False, end="")


@app.command()
def diff(kinds: Kinds = None, *, as_json: AsJson = False) -> None:
    """Show what publishing the files would change."""
    wanted = kinds or list(PolicyKind)
    with Client.of_environment() as client:
        found = ask_each(wanted, lambda each: client.get(_path(each, "diff")))
    if as_json:
        show_json({kind.value: view for kind, view in found.items()})
    else:
        _print_changes(found)
    require_all(wanted, found)


def _print_changes(found: Mapping[PolicyKind, dict[str, Any]]) -> None:
    out = console()
    for kind, view in found.items():
        if view["same"]:
            out.print(f"  {kind.value}: the files say what is in force")
            continue
        out.print(f"  {kind.value}: publish with {call(f'policies publish {kind.value}')}")
        for line in changes(view["in_force"], view["files"]):
            out.print(Text(f"    {line}", style=_COLOURS.get(line[0], "")))


@app.command()
def publish(kinds: Kinds = None, *, as_json: AsJson = False) -> None:
    """Let the owner read its files and publish what is new in them."""
    wanted = kinds or list(PolicyKind)
    with Client.of_environment() as client:
        told = ask_each(wanted, lambda each: _published(client, each))
    if as_json:
        show_json({kind.value: outcome for kind, outcome in told.items()})
    else:
        for kind, outcome in told.items():
            console().print(f"  {kind.value}: {_outcome(outcome)}", markup=False)
    require_all(wanted, told)


def _published(client: Client, kind: PolicyKind) -> dict[str, Any]:
    try:
        told: dict[str, Any] = client.post(_path(kind, "publish"))
    except Trouble as trouble:
        raise Trouble(f"{kind.value} was not published: {trouble}") from trouble
    return told


@app.command()
def history(kind: Kind, *, as_json: AsJson = False) -> None:
    """List the versions, newest first."""
    with Client.of_environment() as client:
        found = client.get(_path(kind, "versions"))
    _list(found, as_json=as_json)


@app.command()
def rollback(
    kind: Kind,
    version: Annotated[str, typer.Argument(help="The version's hash, or its beginning.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Publish an earlier version again; only where policies are kept by the API."""
    with Client.of_environment() as client:
        told = client.post(_path(kind, "rollback"), {"hash": version})
    if as_json:
        show_json(told)
        return
    console().print(f"  {kind.value}: {_outcome(told)}", markup=False)


def _path(kind: PolicyKind, rest: str = "") -> str:
    return f"/v1/policies/{kind.value}/{rest}".rstrip("/")


def _list(versions: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        show_json(versions)
        return
    titles = ("kind", "version", "in force from (UTC)", "by", "from")
    rows = (
        (
            each["kind"],
            short(each["hash"]),
            instant(each["active_from"]),
            each["author"],
            each["origin"],
        )
        for each in versions
    )
    console().print(table(*titles, rows=rows))


def _about(version: dict[str, Any]) -> str:
    return (
        f"{version['kind']} {short(version['hash'])}, in force from "
        f"{instant(version['active_from'])} UTC, by {version['author']} from {version['origin']}"
    )


def _outcome(told: dict[str, Any]) -> str:
    if not told["changed"]:
        return "nothing is new; what is in force stays"
    version = told["version"]
    return f"{short(version['hash'])} in force from {instant(version['active_from'])} UTC"
