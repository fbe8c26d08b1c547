"""Made-up recorded events for the tests of insights' domain."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import contracts
from contracts.body import Body
from contracts.ids import from_words
from insights.domain.recorded import Recorded

EXAMPLES = Path(contracts.__file__).parent / "examples"
RECEIVED = datetime(2026, 11, 2, 9, 19, 7, 160_000, tzinfo=UTC)
LEAD = UUID("f55e0a3e-2d97-5f6d-99a8-bb98e27af23f")


def body_of(kind: type[Body]) -> dict[str, Any]:
    """Return the stored example's body."""
    stored = json.loads((EXAMPLES / f"{kind.TYPE}.v{kind.VERSION}.json").read_text())
    return kind.model_validate(stored["value"]).model_dump(mode="json")


def recorded(
    word: str, kind: type[Body], ms: float, cause: str | None = None, **changes: object
) -> Recorded:
    """Return an event named by a word, recorded so many milliseconds after the receipt."""
    at = RECEIVED + timedelta(milliseconds=ms)
    return Recorded(
        lane=0,
        no=1,
        event_id=from_words(word),
        lead_id=LEAD,
        type=kind.TYPE,
        cause=None if cause is None else from_words(cause),
        occurred_at=at,
        recorded_at=at,
        heard_at=at,
        mode="live",
        body={**body_of(kind), **changes},
    )
