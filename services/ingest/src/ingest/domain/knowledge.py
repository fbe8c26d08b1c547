"""Facts that a system knows of a person or a company: a row of `POST /v1/facts` as an event.

Only facts that say who they are and where they work may be told; what Baton finds out itself, like
a score, may not.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.event import Mode
from contracts.events.touches import FactsRecorded
from contracts.facts import FACTS, Facts, FactsError, Kind, is_custom, nearest
from contracts.ids import from_words
from ingest.domain.company import company_domain
from ingest.domain.company_size import employees
from ingest.domain.country import country_code
from ingest.domain.told import Since, Teller, Told, record_id, recorded
from ingest.domain.whose import (
    NAMES,
    Account,
    OfPerson,
    Whose,
    of_account,
    whose,
)

FACT = "fact"
"""The type of errors about one fact: they name it, and the nearest, and never repeat a value."""
MOST_FACTS = 50
DOMAIN = "company.domain"
TELLABLE = tuple(
    fact.name
    for fact in FACTS.values()
    if fact.set_by == "ingest"
    and fact.kind in (Kind.TEXT, Kind.WHOLE)
    and fact.name.startswith(("lead.", "company."))
)
"""The facts, beside ``custom.*``, that may be told."""

_READ_AS: Mapping[str, Callable[[str], str | int | None]] = {
    "lead.country": country_code,
    "company.employees": employees,
    DOMAIN: company_domain,
}


def facts_given(given: Any) -> dict[str, Any]:  # noqa: ANN401 - what came
    """Return facts as they are kept; an error names the fact and never repeats its value."""
    if not isinstance(given, Mapping):
        raise PydanticCustomError("facts", "expected an object of facts' names and values")
    if not 0 < len(given) <= MOST_FACTS:
        raise PydanticCustomError("facts", "expected 1 to {most} facts", {"most": MOST_FACTS})
    return {str(name): fact_value(str(name), value) for name, value in given.items()}


def fact_value(name: str, value: Any) -> Any:  # noqa: ANN401 - a fact's value
    """Return one fact's value as it is kept. Raises PydanticCustomError, its path to the fact."""
    require_name(name)
    read = _READ_AS.get(name)
    if read is not None and isinstance(value, str):
        value = read(value)
    try:
        return Facts({name: value})[name]
    except FactsError as error:
        raise PydanticCustomError(FACT, "{why}", {"why": str(error), "path": (name,)}) from None


def require_name(name: str) -> None:
    """Raise PydanticCustomError for a fact that may not be told, with the nearest that may."""
    if name in TELLABLE or is_custom(name):
        return
    near = nearest(name[:80], TELLABLE)
    known = f"did you mean {near}?" if near else f"known: {', '.join(TELLABLE)}, custom.NAME"
    raise PydanticCustomError(
        FACT, "no fact that may be told; {known}", {"known": known, "path": (name[:100],)}
    )


class FactsRow(OfPerson):
    """What is known of one person, or of one company, as of an instant."""

    account: Account | None = None
    """The company's domain, where it is of nobody in particular."""
    facts: Annotated[dict[str, Any], BeforeValidator(facts_given)] = Field(min_length=1)
    as_of: Since | None = None
    """Since when it is so; none: since now."""
    historical: bool = False
    """Whether it is imported history, which routes nobody."""

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if self.is_of_person == (self.domain is not None):
            names = ", ".join(NAMES)
            raise PydanticCustomError(
                "whose",
                "say of whom it is: a person by one of {names}; or a company by account",
                {"names": names},
            )
        return self

    @property
    def domain(self) -> str | None:
        """The company that the facts are of; a row that names nobody else is of its domain's."""
        if self.account is not None or self.is_of_person:
            return self.account
        return self.facts.get(DOMAIN)


def facts_events(rows: Sequence[FactsRow], teller: Teller) -> list[Told]:
    """Return an event for each row, in the order of the rows."""
    return [_event(row, teller, place) for place, row in enumerate(rows)]


def _event(row: FactsRow, teller: Teller, place: int) -> Told:
    of, facts = _whose(row, teller.secret), Facts(row.facts)
    source, at = row.source or teller.name, row.as_of or teller.received_at
    said = {
        "identity": of.identity,
        "of": None if of.of is None else str(of.of),
        "source": source,
        "facts": facts.as_json(),
        "as_of": row.as_of,
    }
    known = record_id("facts", said, row.as_of, teller, place)
    body = FactsRecorded(
        identity=of.identity,
        identity_keys=of.keys,
        record_id=known,
        of=of.of,
        account=row.domain,
        source=source,
        facts=facts,
        received_at=teller.received_at,
    )
    mode = Mode.HISTORICAL if row.historical else Mode.LIVE
    event_id = from_words("facts recorded", str(known))
    return Told(known, recorded(body, event_id, at, teller, mode), of.person)


def _whose(row: FactsRow, secret: bytes) -> Whose:
    return whose(row, secret) if row.domain is None else of_account(row.domain, secret)
