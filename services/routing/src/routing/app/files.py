"""Routing's policy files: read, checked against each other, made canonical.

The owner publishes by ``SOURCES``; check.py prints ``findings``. The only room that reads files.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from chassis.policies.document import Document, read, validate
from chassis.policies.errors import PolicyError, PolicyRefused
from chassis.policies.lists import read_lists
from chassis.policies.owning import PolicySource
from chassis.wording import why_unread
from contracts.calendars import Calendars
from contracts.events.kinds import PolicyKind
from contracts.lists import ListsContent
from routing.domain.lint import Fault, faults, warnings
from routing.domain.rules import RoutingPolicy
from routing.domain.team import TeamPolicy

KINDS = (PolicyKind.LISTS, PolicyKind.CALENDARS, PolicyKind.TEAM, PolicyKind.ROUTING)

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong with the files of a folder, and what is odd."""

    errors: tuple[PolicyError, ...]
    warnings: tuple[PolicyError, ...]


def findings(folder: Path) -> Findings:
    """Return everything there is to say about routing's four files."""
    looked = _Folder(folder)
    looked.read()
    return Findings(tuple(looked.errors), tuple(looked.odd()))


def content(folder: Path, kind: PolicyKind) -> Mapping[str, Any]:
    """Return the canonical content of one kind. Raises PolicyRefused for any of the four files."""
    looked = _Folder(folder)
    looked.read()
    if looked.errors:
        raise PolicyRefused(looked.errors)
    return canonical(looked.models[kind])


def canonical(model: BaseModel) -> dict[str, Any]:
    """Return what is published of a policy: what its author wrote, nothing that was left out."""
    return model.model_dump(mode="json", by_alias=True, exclude_unset=True)


class _Folder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.documents: dict[PolicyKind, Document] = {}
        self.models: dict[PolicyKind, BaseModel] = {}
        self.errors: list[PolicyError] = []
        self._whole: tuple[RoutingPolicy, TeamPolicy, Calendars] | None = None

    def read(self) -> None:
        """Read all four files and look whether they fit each other."""
        lists = self._read(PolicyKind.LISTS, lambda doc: read_lists(doc, self.folder))
        names = None if lists is None else frozenset(lists.sets)
        calendars = self._read(PolicyKind.CALENDARS, lambda doc: validate(doc, Calendars))
        team = self._read(PolicyKind.TEAM, lambda doc: validate(doc, TeamPolicy))
        routing = self._read(
            PolicyKind.ROUTING, lambda doc: validate(doc, RoutingPolicy, {"lists": names})
        )
        if routing is not None and team is not None and calendars is not None:
            self._whole = (routing, team, calendars)
            self.errors += self._placed(faults(*self._whole))

    def odd(self) -> list[PolicyError]:
        """Return what is odd about files without errors."""
        if self._whole is None or self.errors:
            return []
        return self._placed(warnings(*self._whole))

    def _read(self, kind: PolicyKind, make: Callable[[Document], Model]) -> Model | None:
        path = self.folder / f"{kind.value}.yaml"
        try:
            document = read(path)
            model = make(document)
        except PolicyRefused as refused:
            self.errors += refused.errors
            return None
        except OSError as error:
            message = f"this file cannot be read: {why_unread(error)}"
            self.errors.append(PolicyError(str(path), 1, 1, (), message))
            return None
        self.documents[kind] = document
        self.models[kind] = model
        return model

    def _placed(self, found: Iterator[Fault]) -> list[PolicyError]:
        return [self.documents[PolicyKind(f.kind)].error(f.path, f.message) for f in found]


_MODELS: Mapping[PolicyKind, type[BaseModel]] = {
    PolicyKind.LISTS: ListsContent,
    PolicyKind.CALENDARS: Calendars,
    PolicyKind.TEAM: TeamPolicy,
    PolicyKind.ROUTING: RoutingPolicy,
}


def _source(kind: PolicyKind) -> PolicySource:
    def accept(given: Mapping[str, Any]) -> Mapping[str, Any]:
        return canonical(_MODELS[kind].model_validate(dict(given)))

    return PolicySource(kind, f"{kind.value}.yaml", lambda folder: content(folder, kind), accept)


SOURCES = tuple(_source(kind) for kind in KINDS)
"""What routing owns, in the order in which it is published."""
