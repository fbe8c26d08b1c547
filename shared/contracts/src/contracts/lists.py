"""Lists of policies: texts from CSV files that conditions ask with `in lists.NAME`.

`parse_list` reads one file's text, `ListsPolicy` is config/lists.yaml, `ListsContent` what is
published of it: the content of every file, so that no reader needs the files.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.territory import Territory

MOST_ENTRIES = 100_000
LONGEST_ENTRY = 300

_PATH = re.compile(r"(?:[a-z0-9][a-z0-9_-]*/)*[a-z0-9][a-z0-9_-]*\.csv\Z")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,49}\Z")


class ListError(ValueError):
    """A list's file that cannot be used; `line` counts from 1."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and stripped cells of each row; skip empty lines and `#` comments.

    Raises ListError where a quote is never closed or a cell is too long.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    if len(lines) > MOST_ENTRIES:
        raise ListError(f"a list has at most {MOST_ENTRIES} lines")
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            cells = next(csv.reader([line], strict=True))
        except csv.Error as error:
            raise ListError(f"this is no CSV: {error}", number) from None
        if any(len(cell) > LONGEST_ENTRY for cell in cells):
            raise ListError(f"a cell has at most {LONGEST_ENTRY} characters", number)
        yield number, [cell.strip() for cell in cells]


def parse_list(text: str) -> frozenset[str]:
    """Return the first column of a CSV text, without its header row. Raises ListError."""
    seen: dict[str, int] = {}
    for index, (number, cells) in enumerate(rows(text)):
        entry = cells[0]
        if index == 0:
            continue
        if not entry:
            raise ListError("the first column is empty", number)
        if entry in seen:
            raise ListError(f"{entry!r} stands in line {seen[entry]} already", number)
        seen[entry] = number
    return frozenset(seen)


def _path(path: str) -> str:
    if not _PATH.match(path):
        raise PydanticCustomError(
            "path", "expected a CSV file below config/, like lists/competitors.csv"
        )
    return path


ListPath = Annotated[str, StringConstraints(max_length=200), AfterValidator(_path)]


class ListsPolicy(BaseModel):
    """config/lists.yaml: each key beside `policy` names a list and its file.

    `territories` is the table of `contracts.territory`, the others are lists of texts.
    """

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, ListPath]

    policy: Literal["lists"]
    territories: ListPath | None = None

    @property
    def files(self) -> Mapping[str, str]:
        """The lists' files by list name, without the territories."""
        return self.__pydantic_extra__

    @model_validator(mode="after")
    def _names_can_be_written(self) -> "ListsPolicy":
        for name in self.__pydantic_extra__:
            if not _NAME.match(name):
                reason = "a list's name has small letters, digits and _, and begins with a letter"
                raise PydanticCustomError("name", "{reason}", {"reason": reason, "path": (name,)})
        return self


class ListsContent(BaseModel):
    """What is published: the entries of each list in order, and the territories' rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: Literal["lists"] = "lists"
    lists: dict[str, tuple[str, ...]]
    territories: tuple[Territory, ...] = ()

    @cached_property
    def sets(self) -> Mapping[str, frozenset[str]]:
        """The lists as conditions ask them: `condition.ask(facts, content.sets)`."""
        return {name: frozenset(entries) for name, entries in self.lists.items()}
