"""The file that ``campaigns:`` of config/sources.yaml names, read beside it."""

from pathlib import Path

from chassis.policies.document import Document
from chassis.policies.errors import PolicyError, PolicyRefused
from chassis.policies.lists import list_text
from contracts.lists import ListError, rows
from ingest.domain.campaigns import Campaign, parse_campaigns


def read_campaigns(document: Document, folder: Path, path: str) -> tuple[Campaign, ...]:
    """Return the rows of the file. Raises PolicyRefused with file and line."""
    try:
        return parse_campaigns(rows(list_text(document, folder, "campaigns", path)))
    except ListError as error:
        wrong = PolicyError(path, error.line, 1, ("campaigns",), error.message)
        raise PolicyRefused([wrong]) from None
