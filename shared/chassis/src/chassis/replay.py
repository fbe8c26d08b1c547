"""History decided again: verify, backtest, shadow policies and golden cases are this one function.

Pure: it gets rows and a step, and gives the differences. Callers read rows in the order of their
decisions and choose the policy.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from chassis.lanes.deciding import Ground, decide_all
from chassis.lanes.history import HistoryRow, said_fields, says_text, short_digest, state_text
from chassis.lanes.step import Received, Step
from contracts.body import Part
from contracts.event import Event, Mode

PolicyOf = Callable[[HistoryRow], Any]
"""Which policy a recorded decision is decided under: its own, or a draft."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One decision that does not come out as it was recorded."""

    row: HistoryRow
    why: str
    derived: str | None
    """What it says now, as canonical JSON; None where it cannot be decided at all."""


def replay(
    history: Iterable[HistoryRow],
    step: Step[Any, Any],
    policy_of: PolicyOf,
    types: Mapping[str, type[Part]],
) -> Iterator[Difference | None]:
    """Yield for each row None, where it comes out byte for byte, or the difference.

    ``types`` finds the body of a cause by the name that history gives it.
    """
    for row in history:
        yield _compare(row, step, policy_of, types)


def _compare(
    row: HistoryRow,
    step: Step[Any, Any],
    policy_of: PolicyOf,
    types: Mapping[str, type[Part]],
) -> Difference | None:
    if not row.is_sound():
        return Difference(row, "the row was changed after it was written", None)
    try:
        says, after = _derive(row, step, policy_of(row), types)
    except Exception as error:  # noqa: BLE001 - whatever it is, the decision cannot be re-derived
        return Difference(row, f"cannot be decided: {type(error).__name__}", None)
    if says != row.says:
        return Difference(row, "it says something else", says)
    if after != row.after_digest:
        return Difference(row, "it leaves another state", says)
    return None


def _derive(
    row: HistoryRow, step: Step[Any, Any], policy: object, types: Mapping[str, type[Part]]
) -> tuple[str, bytes]:
    event = event_of(row, types)
    states: dict[str, Any] = {row.key: step.state.model_validate_json(row.before)}
    ground = Ground(row.part, policy, row.policy, row.now)
    decided = decide_all(step, [Received(event, row.key)], states, ground)
    for failure in decided.failures:
        raise failure.error
    said = [said_fields(one.event, one.fields) for one in decided.said]
    return says_text(said), short_digest(state_text(states[row.key]))


def event_of(row: HistoryRow, types: Mapping[str, type[Part]]) -> Event[Part]:
    """Return the event that a decision was about. Raises KeyError for an unknown type."""
    fields = orjson.loads(row.event)
    return Event(
        id=UUID(fields["id"]),
        body=types[row.cause_type].model_validate(fields["body"]),
        occurred_at=datetime.fromisoformat(fields["occurred_at"]),
        recorded_at=datetime.fromisoformat(fields["recorded_at"]),
        mode=Mode(fields["mode"]),
        cause=None if fields["cause"] is None else UUID(fields["cause"]),
        version=fields["version"],
    )
