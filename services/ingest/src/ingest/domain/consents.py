"""Consents that a system tells apart from any touch: a row of `POST /v1/consents` as an event."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.events.kinds import ConsentState, Purpose
from contracts.events.parts import Consent
from contracts.events.touches import ConsentRecorded
from contracts.ids import from_words
from ingest.domain.told import Since, Teller, Told, record_id, recorded
from ingest.domain.whose import NAMES, OfPerson, whose

COLUMNS = (
    *OfPerson.model_fields,
    "purpose",
    "state",
    "wording",
    "at",
)


def _said(state: ConsentState) -> ConsentState:
    if state is ConsentState.UNKNOWN:
        raise PydanticCustomError(
            "unknown", "nobody tells that nothing is known: leave the row out"
        )
    return state


class ConsentRow(OfPerson):
    """One consent of one person."""

    purpose: Purpose
    state: Annotated[ConsentState, AfterValidator(_said)]
    wording: (
        Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^@\x00-\x1f]+$")]
        | None
    ) = None
    """The version of the text that the person saw."""
    at: Since | None = None
    """Since when it is so; none: since now."""

    @model_validator(mode="after")
    def _of_somebody(self) -> Self:
        if not self.is_of_person:
            names = ", ".join(NAMES)
            raise PydanticCustomError("nobody", "say whose it is: one of {names}", {"names": names})
        return self


def consent_events(rows: Sequence[ConsentRow], teller: Teller) -> list[Told]:
    """Return an event for each row, in the order of the rows."""
    return [_event(row, teller, place) for place, row in enumerate(rows)]


def _event(row: ConsentRow, teller: Teller, place: int) -> Told:
    of = whose(row, teller.secret)
    source, at = row.source or teller.name, row.at or teller.received_at
    said = {
        "identity": of.identity,
        "of": None if of.of is None else str(of.of),
        "source": source,
        "purpose": row.purpose,
        "state": row.state,
        "wording": row.wording,
        "at": row.at,
    }
    known = record_id("consent", said, row.at, teller, place)
    body = ConsentRecorded(
        identity=of.identity,
        identity_keys=of.keys,
        record_id=known,
        of=of.of,
        source=source,
        consent={row.purpose: Consent(state=row.state, wording=row.wording, source=source, at=at)},
        received_at=teller.received_at,
    )
    event_id = from_words("consent recorded", str(known))
    return Told(known, recorded(body, event_id, at, teller), of.person)
