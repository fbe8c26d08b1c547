"""Secrets of sources, read from where the policy points: env:NAME, file:/path, demo:VALUE.

Nothing here prints or keeps one elsewhere than in what it returns.
"""

import os
from pathlib import Path

from chassis.agreeing import is_demo
from chassis.wording import why_unread

_LARGEST = 65_536


class SecretMissing(LookupError):  # noqa: N818 - says what is the matter
    """A reference leads nowhere; the text names the reference, which is no secret."""


class DemoSecret(LookupError):  # noqa: N818 - says what is the matter
    """A secret that everybody knows, in production."""


def read_secret(reference: str, *, production: bool) -> bytes:
    """Return the secret. Raises SecretMissing, DemoSecret."""
    kind, _, rest = reference.partition(":")
    if is_demo(reference):
        if production:
            raise DemoSecret("a demo: secret is refused in production; use env:NAME or file:/path")
        return rest.encode()
    found = _of_environment(rest) if kind == "env" else _of_file(rest)
    if not found:
        raise SecretMissing(f"{reference} is empty")
    return found


def _of_environment(name: str) -> bytes:
    value = os.environ.get(name)
    if value is None:
        raise SecretMissing(f"the environment has no variable {name}")
    return value.encode()


def _of_file(place: str) -> bytes:
    try:
        with Path(place).open("rb") as file:
            return file.read(_LARGEST).removesuffix(b"\n")
    except OSError as error:
        raise SecretMissing(f"the file {place} cannot be read: {why_unread(error)}") from None
