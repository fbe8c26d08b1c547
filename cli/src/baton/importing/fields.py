"""Which fields a row of an import may have, and what a column of a file is by its name alone. Pure.

The fields are those of `POST /v1/touches` and `/v1/facts`; a column may be named by a field's path
(`person.email`) or, where only one field has it, by its last part (`email`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from contracts.events.kinds import Purpose
from contracts.facts import FACTS, Kind, is_custom, nearest

IGNORE = "ignore"
"""As a field: the column is left out."""
DECIDED = "historical"
"""A column of this name is left out: what is history is said for the whole file."""

_PERSON = (
    "email", "work_email", "phone", "first_name", "last_name", "full_name", "street_address",
    "city", "postal_code", "request_text",
)  # fmt: skip
_UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
_CLICKS = ("gclid", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "li_fat_id", "ttclid")
_USUAL = MappingProxyType(
    {
        "name": "person.full_name",
        "postcode": "person.postal_code",
        "title": "facts.lead.title",
        "job_title": "facts.lead.title",
        "country": "facts.lead.country",
        "language": "facts.lead.language",
        "company": "facts.company.name",
        "company_name": "facts.company.name",
        "website": "facts.company.domain",
        "employees": "facts.company.employees",
        "company_size": "facts.company.employees",
        "industry": "facts.company.industry",
    }
)
"""Names that exports give their columns."""
_OTHERS = MappingProxyType(
    {
        "email": ("mail", "emailaddress"),
        "phone": ("telephone", "mobile", "phonenumber"),
        "last_name": ("surname", "familyname"),
        "occurred_at": ("created", "createdat", "createdate", "submittedat", "date"),
    }
)
"""Further names of columns, bare; they yield to a column that is nearer to the field."""
_OF_TOUCH = (
    "id", "kind", "occurred_at", "source", "is_test", "form", "campaign", "channel", "page",
    "anonymous_id",
)  # fmt: skip
_OF_FACTS = (
    "email", "phone", "lead_id", "touch_id", "sender_source", "sender_id", "anonymous_id",
    "account", "as_of", "source", "fact", "value",
)  # fmt: skip
TELLABLE = tuple(
    fact.name
    for fact in FACTS.values()
    if fact.set_by == "ingest"
    and fact.kind in (Kind.TEXT, Kind.WHOLE)
    and fact.name.startswith(("lead.", "company."))
)
"""The facts, beside `custom.*`, that ingest lets be told."""


class What(StrEnum):
    """What is imported."""

    TOUCHES = "touches"
    FACTS = "facts"


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one kind of row."""

    what: What
    instant: str
    """The field that says when it was so."""
    paths: tuple[str, ...]
    who: tuple[str, ...]
    """Fields of which one at least is to say whose a row is."""
    free: tuple[str, ...]
    """Prefixes below which any name is a field."""
    short: Mapping[str, str]
    """Names that stand for a path."""
    bare: Mapping[str, str]
    """The same and the paths, letters and digits only."""
    others: Mapping[str, str]
    """What else exports call a field, letters and digits only."""

    def named(self, name: str) -> str | None:
        """Return the field that a person or a file names so; None for none."""
        known = self.short.get(name, name)
        if known in self.paths or known == IGNORE:
            return known
        if self.what is What.FACTS and is_custom(known):
            return f"facts.{known}"
        if known.startswith("facts."):
            return known if is_custom(known.removeprefix("facts.")) else None
        prefixes = (each for each in self.free if known.startswith(each) and known != each)
        return known if next(prefixes, None) is not None else None

    def of_column(self, column: str) -> str | None:
        """Return the field of a column that no mapping speaks of; None: it cannot be told.

        What a touch brings beside is kept with the person, as of any sender.
        """
        name = column.strip()
        if _bare(name) == DECIDED:
            return IGNORE
        spelled = name.lower().replace(" ", "_").replace("-", "_")
        found = self.named(name) or self.named(spelled) or self.bare.get(_bare(name))
        return found or self.others.get(_bare(name)) or self.beside(column)

    def lacking(self, found: Collection[str]) -> list[str]:
        """Return what a file is in want of that has these fields only, a sentence each."""
        wanting = []
        if self.what is What.TOUCHES and self.instant not in found:
            wanting.append(
                f"no column is {self.instant}, and history needs it: its rows would be refused"
            )
        if not any(each in found for each in self.who):
            named = ", ".join(each.removeprefix("person.") for each in self.who)
            then = "its rows would be refused"
            if self.what is What.TOUCHES:
                then = "each row would be a lead of its own, or refused"
            wanting.append(f"no column says who it is ({named}): {then}")
        return wanting

    def is_other(self, column: str) -> bool:
        """Tell whether a column is known by one of its field's further names only."""
        bare = _bare(column)
        return bare in self.others and bare not in self.bare

    def beside(self, column: str) -> str | None:
        """Return where a column goes that is no field; None: nowhere."""
        if self.what is What.FACTS:
            return None
        return f"custom.{column.strip()}" if column.strip() else IGNORE

    def near(self, name: str) -> str:
        """Return what to say of a name that is no field."""
        names = (*self.paths, *self.short)
        if near := nearest(name[:80], names):
            return f"did you mean {near}?"
        return f"known: {', '.join(self.paths)}, {IGNORE}"


def _bare(name: str) -> str:
    return "".join(each for each in name.casefold() if each.isalnum())


def _fields(
    what: What, instant: str, paths: tuple[str, ...], *, who: tuple[str, ...], free: tuple[str, ...]
) -> Fields:
    short = _short(paths)
    whole = {**short, **{path: path for path in paths}}
    bare = {_bare(name): path for name, path in whole.items()}
    others = {
        other: whole[name] for name, told in _OTHERS.items() if name in whole for other in told
    }
    return Fields(what, instant, paths, who, free, short, MappingProxyType(bare), others)


def _short(paths: tuple[str, ...]) -> Mapping[str, str]:
    short: dict[str, str] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        if rest and head != "consent":
            short.setdefault(rest, path)
    usual = {name: path for name, path in _USUAL.items() if path in paths}
    return MappingProxyType({n: path for n, path in (usual | short).items() if n not in paths})


_FACT_PATHS = tuple(f"facts.{name}" for name in TELLABLE)
_TOUCH_PATHS = (
    *_OF_TOUCH,
    *(f"person.{name}" for name in _PERSON),
    *_FACT_PATHS,
    *(f"utm.{name}" for name in _UTM),
    *(f"click_ids.{name}" for name in _CLICKS),
    *(f"consent.{purpose.value}" for purpose in Purpose),
)
_WHO_OF_TOUCH = ("person.email", "person.work_email", "person.phone", "anonymous_id")
"""An id finds nobody again: it names the touch."""
_WHO_OF_FACTS = (
    "email", "phone", "lead_id", "touch_id", "sender_id", "anonymous_id", "account",
    "facts.company.domain",
)  # fmt: skip
FIELDS: Mapping[What, Fields] = MappingProxyType(
    {
        What.TOUCHES: _fields(
            What.TOUCHES, "occurred_at", _TOUCH_PATHS, who=_WHO_OF_TOUCH, free=("custom.",)
        ),
        What.FACTS: _fields(
            What.FACTS, "as_of", (*_OF_FACTS, *_FACT_PATHS), who=_WHO_OF_FACTS, free=()
        ),
    }
)
