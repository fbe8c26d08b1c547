"""`baton sources list|show|add|change|remove|rotate|end|test|backfill`: who may send, and how.

Called by operators. Secrets are read from files or standard input, never from the command line,
which others on the machine can see; one that is made is shown once.
"""

from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from baton.calling import call
from baton.client import Client
from baton.commands.asking import admin, unless_absent
from baton.commands.sources_given import config_of, named_of, secret_of, smallest_told
from baton.commands.sources_shown import print_backfill, print_lines, print_source, print_tried
from baton.local.trouble import Trouble
from baton.terminal import AsJson, console, show_json

app = typer.Typer(help="Sources: who may send touches, and what became of what they sent.")

_TEST_WITHIN_S = 30.0
_COUNTED = 1_000
"""So many waiting leads are counted before a question; more are "more than that"."""

Source = Annotated[str, typer.Argument(help="The source's id.")]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="YAML: what stands under a source of config/sources.yaml."),
]
SecretFile = Annotated[
    str | None,
    typer.Option(
        "--secret-file",
        help="The secret that the platform shows; - reads it from here. Needed for hubspot, "
        "linkedin, meta_lead_ads and tiktok, which dictate theirs.",
    ),
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
    channel: Annotated[
        str | None, typer.Option(help="The channel of its leads, like web: the smallest config.")
    ] = None,
    contact: Annotated[
        str | None,
        typer.Option(help="What sending means: asked (for a person), or 'field NAME' of the form."),
    ] = None,
    config: ConfigFile = None,
    secret_file: SecretFile = None,
    named: NamedFiles = None,
    accept_weak: Weak = False,
    as_json: AsJson = False,
) -> None:
    """Make a source: --channel is the least that every kind needs, --config says the rest.

    Without --secret-file a secret is made and shown once, but not for hubspot, linkedin,
    meta_lead_ads and tiktok: give the secret that the platform shows.
    """
    body = {
        "id": source,
        "kind": kind,
        "config": config_of(config, channel, contact),
        "secrets": [] if secret_file is None else [secret_of(secret_file)],
        "named_secrets": named_of(named),
        "accept_weak": accept_weak,
    }
    with Client.of_environment() as client, smallest_told():
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
    body: dict[str, Any] = {"config": config_of(config), "named_secrets": named_of(named)}
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
    with Client.of_environment() as client, _known(source):
        if not yes and not typer.confirm(_question(client, source)):
            raise typer.Exit(1)
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
        body["secret"] = secret_of(secret_file)
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
        f"{source} was never asked, or there is no such source: "
        f"{call(f'sources backfill {source} --since 3d')}"
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


def _question(client: Client, source: str) -> str:
    """Return what is asked before a source is removed: what is lost then."""
    asked = {"source": source, "state": "waiting"}
    listed = client.items(admin("ingest", "fetches"), asked)
    waiting = sum(1 for _ in islice(listed, _COUNTED + 1))
    lost = f"Remove {source}? What its sender sends is lost then"
    if not waiting:
        return f"{lost}."
    leads = "1 lead" if waiting == 1 else f"{waiting} leads"
    if waiting > _COUNTED:
        leads = f"more than {_COUNTED} leads"
    return f"{lost}, and {leads} still waiting to be fetched from its platform are given up."


def _show_once(secret: str | None) -> None:
    if secret is not None:
        console().print(f"  Its secret, shown this once:\n    {secret}", markup=False)
