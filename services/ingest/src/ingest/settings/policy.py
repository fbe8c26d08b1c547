"""config/sources.yaml as the content that is published, and content from the API checked alike."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chassis.policies.document import Document, read, validate
from chassis.policies.errors import PolicyError, PolicyRefused
from chassis.wording import why_unread
from ingest.domain.sources import SourcesPolicy
from ingest.settings.campaigns import read_campaigns
from ingest.settings.secrets import DemoSecret, SecretMissing, read_secret

FILE = "sources.yaml"


def read_sources(folder: Path) -> Mapping[str, Any]:
    """Return the content of the folder's file. Raises PolicyRefused."""
    document = _document(folder)
    policy = validate(document, SourcesPolicy)
    if not isinstance(policy.campaigns, str):
        return policy.content()
    listed = read_campaigns(document, folder, policy.campaigns)
    return policy.model_copy(update={"campaigns": listed}).content()


def accept_sources(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return content that came through the API in its canonical form. Raises ValueError."""
    policy = SourcesPolicy.model_validate(content)
    if isinstance(policy.campaigns, str):
        raise ValueError("campaigns: what is published holds the rows, not a file's name")  # noqa: TRY004 - what the API answers for
    return policy.content()


def require_secrets(folder: Path, *, production: bool) -> None:
    """Look whether every secret of a source that is on can be used here.

    Raises PolicyRefused with the place of each reference that cannot.
    """
    document = _document(folder)
    policy = validate(document, SourcesPolicy)
    errors: list[PolicyError] = []
    for name, source in policy.sources.items():
        if not source.enabled:
            continue
        asked: dict[tuple[str | int, ...], str] = {
            ("secrets", number): reference for number, reference in enumerate(source.secrets)
        }
        asked |= {tuple(at.split(".")): ref for at, ref in source.references().items()}
        for at, reference in asked.items():
            try:
                read_secret(reference, production=production)
            except (SecretMissing, DemoSecret) as problem:
                errors.append(document.error(("sources", name, *at), str(problem)))
    if errors:
        raise PolicyRefused(errors)


def _document(folder: Path) -> Document:
    path = folder / FILE
    try:
        return read(path, str(path))
    except OSError as error:
        message = f"this file cannot be read: {why_unread(error)}"
        raise PolicyRefused([PolicyError(str(path), 1, 1, (), message)]) from None
