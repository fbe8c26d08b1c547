"""`baton sources list|show|add|change|remove|rotate|end|test|backfill`: who may send, and how.

Called by operators. Secrets are read from files or standard input, never from the command line,
which others on the machine can see; one that is made is shown once.
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from baton.calling import call
from baton.client import Client
from baton.commands.asking import admin, unless_absent
from baton.commands.sources_shown import print_backfill, print_lines, print_source, print_tried
from baton.local.trouble import Trouble
from baton.terminal import AsJson, console, show_json
from chassis.policies.document import read
from chassis.policies.errors import PolicyRefused

app = typer.Typer(help="Sources: who may send touches, and what became of what they sent.")

_STDIN = "-"
_LONGEST_SECRET = 4_096
_TEST_WITHIN_S = 30.0

Source = Annotated[str, typer.Argument(help="The source's id.")]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="YAML: what stands under a source of config/sources.yaml."),
]
SecretFile = Annotated[
    str | None,
    typer.Option("--secret-file", help="The secret that the platform shows; - reads it from here."),
]
NamedFiles = Annotated[
    list[str] | None,
    typer.Option("--named", help="NAME=FILE: the value of what the config calls stored:NAME."),
]
Weak = Annotated[
    bool,
    typer.Option("--accept-weak", help="Take a secret below 128 bits: the platform dictates it."),
]


@app.command("list")
def list_sources(*, as_json: AsJson = False) -> None:
    """List every source: the address to paste, the last good touch, today's counts."""
    with Client.of_environment() as client:
        found = client.get(_path())["items"]
    if as_json:
        show_json(found)
    else:
        print_lines(found)


@app.command()
def show(
    source: Source,
    *,
    every: Annotated[bool, typer.Option("--all", help="All 90 days and 100 attempts.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one source: counts by day to lay beside the platform's own, and the last attempts."""
    with Client.of_environment() as client, _known(source):
        found = client.get(_path(source))
    if as_json:
        show_json(found)
    else:
        print_source(found, every=every)


@app.command()
def add(  # noqa: PLR0913 - the options of a command
    source: Source,
    *,
    kind: Annotated[str, typer.Option(help="google_ads, html_form, generic, … (docs/sources.md).")],
    config: ConfigFile = None,
    secret_file: SecretFile = None,
    named: NamedFiles = None,
    accept_weak: Weak = False,
    as_json: AsJson = False,
) -> None:
    """Make a source; without --secret-file its secret is made and shown once."""
    body = {
        "id": source,
        "kind": kind,
        "config": _config_of(config),
        "secrets": [] if secret_file is None else [_secret_of(secret_file)],
        "named_secrets": _named_of(named),
        "accept_weak": accept_weak,
    }
    with Client.of_environment() as client:
        made = client.post(_path(), body)
    if as_json:
        show_json(made)
        return
    out = console()
    out.print(f"  {made['id']}: paste this address at the sender's", markup=False)
    out.print(f"    {made['url']}", markup=False)
    _show_once(made["secret"])
    out.print(f"  Then try it: {call(f'sources test {source}')}", markup=False)


@app.command()
def change(
    source: Source,
    *,
    config: ConfigFile = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Take touches, or not.")] = None,
    named: NamedFiles = None,
    as_json: AsJson = False,
) -> None:
    """Change a source that was made here; what the file leaves out stays, null takes away."""
    body: dict[str, Any] = {"config": _config_of(config), "named_secrets": _named_of(named)}
    if on is not None:
        body["enabled"] = on
    with Client.of_environment() as client, _known(source):
        changed = client.ask("PATCH", _path(source), body=body)
    if as_json:
        show_json(changed)
    else:
        print_source(changed, every=False)


@app.command()
def remove(
    source: Source,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a source that was made here; its address answers 404 from then on."""
    if not yes and not typer.confirm(f"Remove {source}? What its sender sends is lost then."):
        raise typer.Exit(1)
    with Client.of_environment() as client, _known(source):
        removed = client.ask("DELETE", _path(source))
    if as_json:
        show_json(removed)
    else:
        console().print(f"  {source} is removed.", markup=False)


@app.command()
def rotate(
    source: Source,
    *,
    secret_file: SecretFile = None,
    others_end_in: Annotated[
        str | None, typer.Option(help="How long the old secret goes on, like 24h.")
    ] = None,
    accept_weak: Weak = False,
    as_json: AsJson = False,
) -> None:
    """Add a secret beside the one that holds; change the sender, then end the old one."""
    body: dict[str, Any] = {"accept_weak": accept_weak}
    if secret_file is not None:
        body["secret"] = _secret_of(secret_file)
    if others_end_in is not None:
        body["others_end_in"] = others_end_in
    with Client.of_environment() as client, _known(source):
        added = client.post(_path(source, "secrets"), body)
    if as_json:
        show_json(added)
        return
    _show_once(added["secret"])
    console().print(f"  {added['fingerprint']} holds now, too. ", markup=False, end="")
    console().print(f"Once the sender has it: {call(f'sources show {source}')}", markup=False)


@app.command()
def end(
    source: Source,
    secret: Annotated[str, typer.Argument(help="Its fingerprint: eight digits of sources show.")],
    *,
    as_json: AsJson = False,
) -> None:
    """End a secret now: what is signed with it is refused from then on."""
    with Client.of_environment() as client, _known(source):
        there = client.get(_path(source))["secrets"]
        matching = [
            str(each["id"]) for each in there if secret in {each["fingerprint"], each["id"]}
        ]
        if len(matching) != 1:
            raise Trouble(
                f"{source} has no single secret {secret}: {call(f'sources show {source}')}"
            )
        ended = client.ask("DELETE", _path(source, f"secrets/{matching[0]}"))
    if as_json:
        show_json(ended)
    else:
        console().print(f"  {secret} holds no longer.", markup=False)


@app.command("test")
def try_out(source: Source, *, as_json: AsJson = False) -> None:
    """Send a rightly signed sample to the source's public address; its lead is a test."""
    with Client.of_environment() as client, _known(source):
        tried = client.ask("POST", _path(source, "test"), timeout_s=_TEST_WITHIN_S)
    if as_json:
        show_json(tried)
    else:
        print_tried(tried)
    if tried["touch_id"] is None:
        raise typer.Exit(1)


@app.command()
def backfill(
    source: Source,
    *,
    since: Annotated[
        str | None, typer.Option(help="Ask the platform now: a span like 3d, or an instant (UTC).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the platform for leads whose notice never came; without --since how the last went."""
    path = _path(source, "backfill")
    absent = (
        f"{source} was never asked, or is none: {call(f'sources backfill {source} --since 3d')}"
    )
    with Client.of_environment() as client, unless_absent(absent):
        told = client.get(path) if since is None else client.post(path, {"since": since})
    if as_json:
        show_json(told)
    else:
        print_backfill(told)


def _path(*below: str) -> str:
    return admin("ingest", "/".join(("sources", *below)))


def _known(source: str) -> Any:  # noqa: ANN401 - a context manager
    return unless_absent(
        f"there is no source {source!r}: {call('sources list')} shows those there are"
    )


def _show_once(secret: str | None) -> None:
    if secret is not None:
        console().print(f"  Its secret, shown this once:\n    {secret}", markup=False)


def _config_of(file: Path | None) -> dict[str, Any]:
    """Return what a file of YAML says. Raises Trouble."""
    if file is None:
        return {}
    try:
        data = read(file).data
    except PolicyRefused as refused:
        raise Trouble(str(refused)) from None
    except OSError as error:
        raise Trouble(f"{file} cannot be read: {error.strerror}") from error
    if not isinstance(data, dict):
        raise Trouble(f"{file}: expected keys with values, as under a source of sources.yaml")
    return data


def _secret_of(place: str) -> str:
    """Return a secret out of a file or standard input. Raises Trouble."""
    try:
        if place == _STDIN:
            text = sys.stdin.readline(_LONGEST_SECRET + 2)
        else:
            with Path(place).open(encoding="utf-8") as file:
                text = file.read(_LONGEST_SECRET + 2)
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"{place} cannot be read: expected a file with the secret alone") from error
    secret = text.strip("\r\n")
    if not secret:
        raise Trouble(f"{'standard input' if place == _STDIN else place} holds no secret")
    return secret


def _named_of(pairs: list[str] | None) -> dict[str, str]:
    found = {}
    for pair in pairs or ():
        name, equals, place = pair.partition("=")
        if not equals or not name or not place:
            raise Trouble("--named is NAME=FILE, like verify=./verify-token")
        found[name] = _secret_of(place)
    return found
