"""config/scoring.yaml with the lists that it names, as the content that is published.

The app hands these to chassis; content from the API is checked alike.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chassis.policies.document import Document, read, validate
from chassis.policies.errors import PolicyError, PolicyRefused
from chassis.policies.lists import read_lists
from chassis.wording import why_unread
from contracts.lists import ListsContent
from scoring.domain.policy import ScoringContent, ScoringPolicy

FILE = "scoring.yaml"
_LISTS = "lists.yaml"


def read_scoring(folder: Path) -> Mapping[str, Any]:
    """Return the content of the folder's files. Raises PolicyRefused."""
    lists = _lists(folder)
    policy = _policy(_document(folder, FILE), lists)
    named = {name: lists.lists[name] for name in sorted(policy.lists_named)}
    whole = {
        **policy.model_dump(mode="json", exclude_none=True),
        "lists": named,
        "territories": lists.territories,
    }
    return ScoringContent.model_validate(whole).content()


def accept_scoring(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return content that came through the API in its canonical form. Raises ValueError."""
    return ScoringContent.model_validate(content).content()


def warnings(folder: Path) -> Sequence[PolicyError]:
    """Return what is odd: rules that a cap makes dead, a line that no lead reaches."""
    document = _document(folder, FILE)
    policy = _policy(document, _lists(folder))
    found = []
    most = 0
    for name, group in policy.groups.items():
        gains = [rule for rule in policy.rules if rule.group == name and rule.points > 0]
        repeats = any(rule.of_touch for rule in gains)
        most += group.cap if repeats else min(group.cap, sum(rule.points for rule in gains))
        found += [
            document.error(
                ("rules", number, "points"),
                f"the group {name} is capped at {group.cap}, so part of these points never counts",
            )
            for number, rule in enumerate(policy.rules)
            if rule.group == name and rule.points > group.cap
        ]
    if most < policy.line.qualify:
        caps = sum(group.cap for group in policy.groups.values())
        why = f"the groups' caps sum to {caps}" if most == caps else f"rules give at most {most}"
        only = ", so only an outright rule makes an MQL" if policy.outright else ""
        found.append(document.error(("line", "qualify"), f"nobody reaches the line: {why}{only}"))
    return found


def _policy(document: Document, lists: ListsContent) -> ScoringPolicy:
    return validate(document, ScoringPolicy, {"lists": frozenset(lists.lists)})


def _lists(folder: Path) -> ListsContent:
    if not (folder / _LISTS).exists():
        return ListsContent(lists={})
    return read_lists(_document(folder, _LISTS), folder)


def _document(folder: Path, file: str) -> Document:
    path = folder / file
    try:
        return read(path, str(path))
    except OSError as error:
        message = f"this file cannot be read: {why_unread(error)}"
        raise PolicyRefused([PolicyError(str(path), 1, 1, (), message)]) from None
