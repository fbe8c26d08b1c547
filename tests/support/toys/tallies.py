"""Rows of the toys' one table to states and back; each toy's step gets its own."""

from collections.abc import Mapping, MutableMapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from chassis.database import Tx
from chassis.lanes.step import Received
from contracts.body import Part
from contracts.person import Person

MIGRATIONS = Path(__file__).parent / "migrations"

S = TypeVar("S", bound=Part)


class Tallies(Generic[S]):
    """Load and save of one step."""

    def __init__(self, step: str, state: type[S]) -> None:
        self.step = step
        self.state = state

    async def load(
        self, tx: Tx, received: Sequence[Received], _now: datetime
    ) -> MutableMapping[str, S]:
        keys = sorted({each.key for each in received})
        rows = await tx.fetch(
            "SELECT key, state FROM tally WHERE step = $1 AND key = ANY($2)", self.step, keys
        )
        found = {row["key"]: self.state.model_validate_json(row["state"]) for row in rows}
        return {key: found.get(key, self.state()) for key in keys}

    async def save(
        self, tx: Tx, states: Mapping[str, S], _received: Sequence[Received]
    ) -> Mapping[str, Person]:
        await tx.execute(
            "INSERT INTO tally SELECT $1, key, state::json FROM unnest($2::text[], $3::text[]) "
            "AS r(key, state) ON CONFLICT (step, key) DO UPDATE SET state = excluded.state",
            self.step,
            list(states),
            [state.model_dump_json() for state in states.values()],
        )
        return {}
