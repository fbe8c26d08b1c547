"""What an operator gives for a source: its config, its secrets, and what is to be said of both.

Called by commands/sources. Reads files and standard input and asks no service.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from baton.client import Refusal
from baton.local.trouble import Trouble
from chassis.policies.document import read
from chassis.policies.errors import PolicyRefused

_STDIN = "-"
_LONGEST_SECRET = 4_096
_SMALLEST = (
    "The smallest config is a channel: add `--channel web`, and `--contact asked` where sending "
    "asks for a person. What else a kind takes stands in docs/sources.md."
)


def config_of(
    file: Path | None, channel: str | None = None, contact: str | None = None
) -> dict[str, Any]:
    """Return what a file of YAML says, with what stands on the command line. Raises Trouble."""
    config = {} if file is None else _read(file)
    if channel is not None:
        config["channel"] = channel
    if contact is not None:
        consent = config.get("consent")
        config["consent"] = {**(consent if isinstance(consent, dict) else {}), "contact": contact}
    return config


@contextmanager
def smallest_told() -> Iterator[None]:
    """Add to a refusal for want of a channel what the smallest config is. Raises Trouble."""
    try:
        yield
    except Refusal as refusal:
        if any(field == "config.channel" for field, _ in refusal.errors):
            raise Trouble(f"{refusal}\n    {_SMALLEST}") from refusal
        raise


def secret_of(place: str) -> str:
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


def named_of(pairs: list[str] | None) -> dict[str, str]:
    """Return the values of named secrets, each out of its file. Raises Trouble."""
    found = {}
    for pair in pairs or ():
        name, equals, place = pair.partition("=")
        if not equals or not name or not place:
            raise Trouble("--named is NAME=FILE, like verify=./verify-token")
        found[name] = secret_of(place)
    return found


def _read(file: Path) -> dict[str, Any]:
    try:
        data = read(file).data
    except PolicyRefused as refused:
        raise Trouble(str(refused)) from None
    except OSError as error:
        raise Trouble(f"{file} cannot be read: {error.strerror}") from error
    if not isinstance(data, dict):
        raise Trouble(f"{file}: expected keys with values, as under a source of sources.yaml")
    return dict(data)
