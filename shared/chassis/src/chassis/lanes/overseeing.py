"""What people do to lanes and parked messages, and what they see of them.

The runtime's side of the admin routes; every change writes its audit row in its transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Database, Row, Tx
from chassis.http import audit
from chassis.http.operations import (
    Lane,
    LanePosition,
    LaneState,
    ParkedMessage,
    ParkedPage,
    ParkedState,
    Refused,
)
from chassis.http.principal import Principal
from chassis.lanes.commands import channel_of
from chassis.lanes.lane import LaneRunner
from chassis.lanes.stepping import StepRuntime

_PARKED = (
    "SELECT id, step, part, topic, topic_part, off, event_id, event_type, reason, detail, "
    "attempts, state, at FROM parked "
)
_STATES = {"parked": ParkedState.PARKED, "retry": ParkedState.RETRYING, "done": ParkedState.DONE}
_WORDS = {state: word for word, state in _STATES.items()}


class Overseer:
    """Answers for the lanes and parked messages of one service."""

    def __init__(self, database: Database, steps: Mapping[str, StepRuntime]) -> None:
        """Look through the service's schema and at the lanes held here."""
        self._database = database
        self._steps = steps

    async def parked(
        self, state: ParkedState | None, after: tuple[datetime, UUID] | None, limit: int
    ) -> ParkedPage:
        """Return a page of parked messages, oldest first."""
        async with self._database.transaction() as tx:
            rows = await tx.fetch(
                _PARKED + "WHERE ($1::text IS NULL OR state = $1) "
                "AND ($2::timestamptz IS NULL OR (at, id) > ($2, $3::uuid)) "
                "ORDER BY at, id LIMIT $4",
                None if state is None else _WORDS[state],
                None if after is None else after[0],
                None if after is None else after[1],
                limit + 1,
            )
        items = [_parked(row) for row in rows[:limit]]
        more = len(rows) > limit
        return ParkedPage(items, (items[-1].parked_at, items[-1].id) if more else None)

    async def parked_one(self, parked_id: UUID) -> ParkedMessage:
        """Return one. Raises LookupError."""
        async with self._database.transaction() as tx:
            return await _find(tx, parked_id)

    async def retry(self, parked_id: UUID, who: Principal) -> ParkedMessage:
        """Hand it to its lane's owner again. Raises LookupError, Refused."""
        async with self._database.transaction() as tx:
            before = await _find(tx, parked_id)
            if before.state is ParkedState.DONE:
                raise Refused("It was taken up and decided already.")
            await tx.execute("UPDATE parked SET state = 'retry' WHERE id = $1", parked_id)
            await audit.record(tx, who, "parked.retry", str(parked_id), None, None)
            await self._tell(tx, before.step, before.lane)
            return await _find(tx, parked_id)

    async def lanes(self) -> Sequence[Lane]:
        """Return every lane of every step."""
        async with self._database.transaction() as tx:
            rows = await tx.fetch(_LANES + "ORDER BY step, part")
            places = await tx.fetch(_PLACES)
        return [self._lane(row, places) for row in rows]

    async def lane(self, step: str, part: int) -> Lane:
        """Return one lane. Raises LookupError."""
        for each in await self.lanes():
            if (each.step, each.lane) == (step, part):
                return each
        raise LookupError(f"no lane {part} of a step {step} was ever taken")

    async def resume(self, step: str, part: int, *, accept_gap: bool, who: Principal) -> Lane:
        """Let a stopped lane go on. Raises LookupError, Refused (a gap nobody accepted)."""
        lane = await self.lane(step, part)
        if lane.state is not LaneState.STOPPED:
            raise Refused("The lane is not stopped.")
        gap = "lost" in (lane.reason or "") or "offset" in (lane.reason or "")
        if gap and not accept_gap:
            raise Refused(
                f"{lane.reason}. Resume it with accept_gap if these records are to be given up."
            )
        async with self._database.transaction() as tx:
            await tx.execute(
                "UPDATE lane SET stopped = NULL WHERE step = $1 AND part = $2", step, part
            )
            if gap:
                await _forget_what_was_missed(tx, step, part)
            after = {"accept_gap": accept_gap, "was": lane.reason}
            await audit.record(tx, who, "lane.resume", f"{step}:{part}", None, after)
            await self._tell(tx, step, part)
        return await self.lane(step, part)

    async def _tell(self, tx: Tx, step: str, part: int) -> None:
        channel = channel_of(self._database.settings.postgres_schema)
        await tx.execute("SELECT pg_notify($1, $2)", channel, f"{step}:{part}")

    def _lane(self, row: Row, places: Sequence[Row]) -> Lane:
        step, part = row["step"], row["part"]
        runtime = self._steps.get(step)
        runner = runtime.lanes.get(part) if runtime else None
        mine = [place for place in places if (place["step"], place["part"]) == (step, part)]
        return Lane(
            step=step,
            lane=part,
            state=_state(row["stopped"], runner),
            epoch=row["epoch"],
            reason=row["stopped"],
            outbox=row["outbox"],
            next_timer=row["next_timer"],
            positions=[
                LanePosition(each["topic"], each["topic_part"], each["next_off"], None)
                for each in mine
            ],
        )


_LANES = (
    "SELECT step, part, epoch, stopped, "
    "(SELECT count(*) FROM outbox o WHERE o.step = l.step AND o.part = l.part) AS outbox, "
    "(SELECT min(due_at) FROM timer t WHERE t.step = l.step AND t.part = l.part) AS next_timer "
    "FROM lane l "
)
_PLACES = "SELECT step, part, topic, topic_part, next_off FROM position ORDER BY topic, topic_part"


def _state(stopped: str | None, runner: LaneRunner | None) -> LaneState:
    if stopped is not None:
        return LaneState.STOPPED
    if runner is None:
        return LaneState.ELSEWHERE
    return LaneState.TAKING if runner.taken is None else LaneState.RUNNING


async def _forget_what_was_missed(tx: Tx, step: str, part: int) -> None:
    """Go on with what the log still has, over whatever is missing.

    Marks are kept below zero (see chassis.lanes.marks), so that what was taken is never taken
    again; ``started_truncated`` lets writers begin that were never heard.
    """
    await tx.execute(
        "UPDATE position SET started_truncated = true, gap_accepted = true "
        "WHERE step = $1 AND part = $2",
        step,
        part,
    )
    await tx.execute(
        "UPDATE inbox SET seq = -seq WHERE step = $1 AND part = $2 AND seq > 0", step, part
    )


async def _find(tx: Tx, parked_id: UUID) -> ParkedMessage:
    row = await tx.fetch_one(_PARKED + "WHERE id = $1", parked_id)
    if row is None:
        raise LookupError(f"no message is parked under {parked_id}")
    return _parked(row)


def _parked(row: Row) -> ParkedMessage:
    return ParkedMessage(
        id=row["id"],
        step=row["step"],
        lane=row["part"],
        topic=row["topic"],
        partition=row["topic_part"],
        offset=row["off"],
        event_id=None if row["event_id"] is None else str(row["event_id"]),
        event_type=row["event_type"],
        reason=row["reason"],
        detail=row["detail"],
        tries=row["attempts"],
        parked_at=row["at"],
        state=_STATES[row["state"]],
    )
