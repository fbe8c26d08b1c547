"""Taking a lane: raise its epoch, know its positions and marks, judge them against the log.

Called by the lane whenever it begins or begins anew: first ``claim``, from whose commit on every
other owner is fenced off, then ``take``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chassis.database import Database, Tx
from chassis.lanes.marks import Marks, Writer

Place = tuple[str, int]
"""A topic without prefix and a partition."""


@dataclass(frozen=True, slots=True)
class Log:
    """Where the log of one partition begins and ends."""

    start: int
    end: int


@dataclass(slots=True)
class Position:
    """How far a lane has read one partition."""

    next_off: int
    started_truncated: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """A lane as its new owner found it."""

    epoch: int
    positions: dict[Place, Position]
    marks: Marks
    stopped: str | None
    """Why the lane must stand; None where it may run."""


def outside(positions: Mapping[Place, Position], logs: Mapping[Place, Log]) -> str | None:
    """Return what is wrong where a position lies outside its log, and which side is younger."""
    for (topic, partition), position in sorted(positions.items(), key=lambda item: item[0]):
        log = logs.get((topic, partition))
        if log is None:
            continue
        place = f"{topic}, partition {partition}"
        if position.next_off > log.end:
            return (
                f"{place}: the database has read up to offset {position.next_off} and the log "
                f"ends at {log.end}: Kafka is older than the database (restored or made anew)"
            )
        if position.next_off < log.start:
            return (
                f"{place}: the next offset is {position.next_off} and the log begins at "
                f"{log.start}: records were deleted before they were read, or the database is "
                "older than Kafka (restored)"
            )
    return None


@dataclass(frozen=True, slots=True)
class Claim:
    """A lane whose epoch was raised for us; nobody else can move its positions now."""

    epoch: int
    stopped: str | None
    """Why the lane was stopped before; None where it was not."""


async def claim(database: Database, step: str, part: int, owner: str) -> Claim:
    """Raise the epoch, and so fence every other owner off.

    The log is asked for its ends only after this: until here another owner may read on, and its
    positions would lie beyond ends that were noted before.
    """
    async with database.transaction() as tx:
        await tx.execute(
            "INSERT INTO lane (step, part) VALUES ($1, $2) ON CONFLICT DO NOTHING", step, part
        )
        lane = await tx.fetch_one(
            "UPDATE lane SET epoch = epoch + 1, owner = $3 WHERE step = $1 AND part = $2 "
            "RETURNING epoch, stopped",
            step,
            part,
            owner,
        )
    assert lane is not None  # noqa: S101 - inserted above
    return Claim(lane["epoch"], lane["stopped"])


async def take(
    database: Database, step: str, part: int, claimed: Claim, logs: Mapping[Place, Log]
) -> Taken | None:
    """Read what a claimed lane stands on; None where another owner has claimed it since."""
    async with database.transaction() as tx:
        ours = await tx.fetch_one(
            "SELECT FROM lane WHERE step = $1 AND part = $2 AND epoch = $3 FOR UPDATE",
            step,
            part,
            claimed.epoch,
        )
        if ours is None:
            return None
        positions = await _positions(tx, step, part, logs)
        marks = await _marks(tx, step, part)
        await _accept_gaps(tx, step, part, positions, logs)
        stopped = claimed.stopped or outside(positions, logs)
        if stopped is not None and claimed.stopped is None:
            await stop(tx, step, part, claimed.epoch, stopped)
    return Taken(claimed.epoch, positions, Marks(marks), stopped)


async def stop(tx: Tx, step: str, part: int, epoch: int, why: str) -> bool:
    """Let a lane stand until a person decides; False where it is another's by now."""
    touched = await tx.execute(
        "UPDATE lane SET stopped = $4 WHERE step = $1 AND part = $2 AND epoch = $3",
        step,
        part,
        epoch,
        why,
    )
    return touched == 1


async def _positions(
    tx: Tx, step: str, part: int, logs: Mapping[Place, Log]
) -> dict[Place, Position]:
    places: Sequence[Place] = list(logs)
    await tx.execute(
        "INSERT INTO position (step, part, topic, topic_part, next_off, started_truncated) "
        "SELECT $1, $2, * FROM unnest($3::text[], $4::int[], $5::bigint[], $6::boolean[]) "
        "ON CONFLICT DO NOTHING",
        step,
        part,
        [topic for topic, _ in places],
        [partition for _, partition in places],
        [logs[place].start for place in places],
        [logs[place].start > 0 for place in places],
    )
    rows = await tx.fetch(
        "SELECT topic, topic_part, next_off, started_truncated FROM position "
        "WHERE step = $1 AND part = $2",
        step,
        part,
    )
    return {
        (row["topic"], row["topic_part"]): Position(row["next_off"], row["started_truncated"])
        for row in rows
        if (row["topic"], row["topic_part"]) in logs
    }


async def _accept_gaps(
    tx: Tx,
    step: str,
    part: int,
    positions: dict[Place, Position],
    logs: Mapping[Place, Log],
) -> None:
    """Move positions that lie outside their log to what it still has, where a person said so."""
    rows = await tx.fetch(
        "UPDATE position SET gap_accepted = false WHERE step = $1 AND part = $2 AND gap_accepted "
        "RETURNING topic, topic_part",
        step,
        part,
    )
    for row in rows:
        place = (row["topic"], row["topic_part"])
        if place not in positions or place not in logs:
            continue
        at, log = positions[place], logs[place]
        at.next_off = log.start if not log.start <= at.next_off <= log.end else at.next_off
        await tx.execute(
            "UPDATE position SET next_off = $5 WHERE step = $1 AND part = $2 AND topic = $3 "
            "AND topic_part = $4",
            step,
            part,
            *place,
            at.next_off,
        )


async def _marks(tx: Tx, step: str, part: int) -> dict[Writer, int]:
    rows = await tx.fetch(
        "SELECT producer, lane, target, seq FROM inbox WHERE step = $1 AND part = $2", step, part
    )
    return {Writer(row["producer"], row["lane"], row["target"]): row["seq"] for row in rows}
