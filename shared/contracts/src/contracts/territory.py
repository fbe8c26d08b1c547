"""Territories: a table from country, region, postcode and company size to a named area.

Scoring sets `lead.territory` by `territory_of`; `baton check` asks `overlaps`. Pure.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, StringConstraints

from contracts.facts import Facts

COLUMNS = ("country", "region", "postcode_prefix", "employees_from", "employees_to", "territory")
POSTCODE_KNOWN = 3
_MOST_EMPLOYEES = 10_000_000

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,49}$")]


class Territory(BaseModel):
    """One row. An empty cell takes all leads; a filled one only those whose fact is there.

    `employees_from` and `employees_to` are both included.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    country: str = ""
    region: str = ""
    postcode_prefix: str = ""
    employees_from: int | None = None
    employees_to: int | None = None
    territory: Name

    @property
    def precision(self) -> tuple[int, int]:
        """How exact the row is: cells filled (a size band is one), then the postcode's length."""
        band = self.employees_from is not None or self.employees_to is not None
        filled = [bool(self.country), bool(self.region), bool(self.postcode_prefix), band]
        return sum(filled), len(self.postcode_prefix)

    def takes(self, facts: Facts) -> bool:
        """Say whether the facts lie in this row."""
        return (
            self.country in {"", facts.text("lead.country")}
            and self.region in {"", facts.text("lead.region")}
            and (facts.text("lead.postcode_area") or "").startswith(self.postcode_prefix)
            and self._in_band(facts.whole("company.employees"))
        )

    def _in_band(self, employees: int | None) -> bool:
        if self.employees_from is None and self.employees_to is None:
            return True
        low, high = _band(self)
        return employees is not None and low <= employees <= high


class TerritoryError(ValueError):
    """A territories file that cannot be used; `line` counts from 1, in the file."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class Overlap(NamedTuple):
    """Two rows equally exact that can take the same lead, counted from 0; the first wins."""

    first: int
    second: int


def territory_of(facts: Facts, table: Sequence[Territory]) -> str | None:
    """Return the territory of the most exact row that takes the facts, or None.

    Of equally exact rows the first in the table wins.
    """
    best: Territory | None = None
    for row in table:
        if (best is None or row.precision > best.precision) and row.takes(facts):
            best = row
    return best.territory if best else None


def parse_territories(rows: Iterable[tuple[int, list[str]]]) -> tuple[Territory, ...]:
    """Return the table from numbered CSV rows (see `contracts.lists.rows`).

    The header names its columns, in any order. Raises TerritoryError.
    """
    table: list[Territory] = []
    numbered: Iterator[tuple[int, list[str]]] = iter(rows)
    line, header = next(numbered, (1, [""]))
    for column in header:
        if column not in COLUMNS:
            raise TerritoryError(f"unknown column {column!r}; known: {', '.join(COLUMNS)}", line)
    if "territory" not in header or len(set(header)) != len(header):
        raise TerritoryError("the column territory is needed, and each column once", line)
    for number, cells in numbered:
        if len(cells) != len(header):
            raise TerritoryError(f"{len(cells)} cells, the header has {len(header)}", number)
        table.append(_row(dict(zip(header, cells, strict=True)), number))
    return tuple(table)


def overlaps(table: Sequence[Territory]) -> tuple[Overlap, ...]:
    """Return the pairs of equally exact rows of which a lead could lie in both."""
    pairs = combinations(range(len(table)), 2)
    return tuple(
        Overlap(a, b)
        for a, b in pairs
        if table[a].precision == table[b].precision and _meet(table[a], table[b])
    )


def _row(cells: dict[str, str], line: int) -> Territory:
    country, prefix = cells.get("country", ""), cells.get("postcode_prefix", "")
    if country and not (len(country) == 2 and country.isascii() and country.isupper()):  # noqa: PLR2004
        raise TerritoryError(f"country {country!r}: expected two capital letters, like GB", line)
    if len(prefix) > POSTCODE_KNOWN:
        raise TerritoryError(f"only {POSTCODE_KNOWN} characters of a postcode are known", line)
    low, high = (_employees(cells.get(f"employees_{end}", ""), line) for end in ("from", "to"))
    if low is not None and high is not None and low > high:
        raise TerritoryError(f"employees_from {low} is above employees_to {high}", line)
    try:
        return Territory(
            country=country,
            region=cells.get("region", ""),
            postcode_prefix=prefix,
            employees_from=low,
            employees_to=high,
            territory=cells["territory"],
        )
    except ValueError:
        raise TerritoryError("a territory's name has letters, digits, - and _", line) from None


def _employees(cell: str, line: int) -> int | None:
    if not cell:
        return None
    if not (cell.isascii() and cell.isdigit()) or int(cell[:20]) > _MOST_EMPLOYEES:
        raise TerritoryError(f"employees {cell[:20]!r}: expected a whole number", line)
    return int(cell)


def _meet(one: Territory, other: Territory) -> bool:
    same = all(
        not a or not b or a == b
        for a, b in ((one.country, other.country), (one.region, other.region))
    )
    a, b = one.postcode_prefix, other.postcode_prefix
    (low, high), (from_, to) = _band(one), _band(other)
    return same and (a.startswith(b) or b.startswith(a)) and low <= to and from_ <= high


def _band(row: Territory) -> tuple[int, int]:
    low = 0 if row.employees_from is None else row.employees_from
    return low, _MOST_EMPLOYEES if row.employees_to is None else row.employees_to
