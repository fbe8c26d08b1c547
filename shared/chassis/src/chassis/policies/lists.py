"""Reads the CSV files that lists.yaml names, next to it; the content that is published.

Called by the owner of lists and by checks. Errors name the CSV file and line.
"""

from collections.abc import Callable
from pathlib import Path as FilePath
from typing import TypeVar

from chassis.policies.document import Document, validate
from chassis.policies.errors import PolicyError, PolicyRefused
from contracts.lists import ListError, ListsContent, ListsPolicy, parse_list, rows
from contracts.territory import Territory, TerritoryError, parse_territories

LARGEST = 5_000_000

Out = TypeVar("Out")


def read_lists(document: Document, folder: FilePath) -> ListsContent:
    """Return the content of all lists of lists.yaml, files below `folder`. Raises PolicyRefused."""
    policy = validate(document, ListsPolicy)
    errors: list[PolicyError] = []

    def table(name: str, path: str, parse: Callable[[str], Out], nothing: Out) -> Out:
        try:
            return parse(list_text(document, folder, name, path))
        except PolicyRefused as refused:
            errors.extend(refused.errors)
        except (ListError, TerritoryError) as error:
            errors.append(PolicyError(path, error.line, 1, (name,), error.message))
        return nothing

    no_texts: frozenset[str] = frozenset()
    no_rows: tuple[Territory, ...] = ()
    lists = {
        name: tuple(sorted(table(name, path, parse_list, no_texts)))
        for name, path in sorted(policy.files.items())
    }
    areas = no_rows
    if policy.territories:
        areas = table("territories", policy.territories, _territories, no_rows)
    if errors:
        raise PolicyRefused(errors)
    return ListsContent(lists=lists, territories=areas)


def _territories(text: str) -> tuple[Territory, ...]:
    return parse_territories(rows(text))


def list_text(document: Document, folder: FilePath, name: str, path: str) -> str:
    """Return the text of a file that a policy names. Raises PolicyRefused at the name."""
    file = folder / path
    if not file.resolve().is_relative_to(folder.resolve()) or not file.is_file():
        raise PolicyRefused([document.error((name,), f"there is no file {path}")])
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise PolicyRefused([PolicyError(path, 1, 1, (name,), f"more than {LARGEST} bytes")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = "not UTF-8 text; save the file as UTF-8"
        raise PolicyRefused([PolicyError(path, line, 1, (name,), message)]) from None
