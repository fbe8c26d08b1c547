"""One batch, one transaction: fence, load, decide, save, number, settle.

The lane calls ``run_batch`` for what it read and for timers; commands call ``decide_in`` with the
lane row locked. Nothing is published here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from chassis.database import Database, Tx
from chassis.lanes import rows
from chassis.lanes.deciding import Decided, Failure, Ground, decide_all
from chassis.lanes.marks import Writer
from chassis.lanes.parking import park, parked_event, taken_up
from chassis.lanes.records import OutboxRow, Record
from chassis.lanes.rows import Move
from chassis.lanes.settling import Settlement, settle
from chassis.lanes.step import Received, Step
from chassis.lanes.writing import Numbered, Signature, keys_said, keys_with_person, number
from chassis.policies.versions import PolicyBook, store_version
from contracts.decision import TimerDue
from contracts.event import Event, Mode
from contracts.events.policies import PolicyPublished
from contracts.ids import from_words
from contracts.person import Person


class FencedOff(Exception):  # noqa: N818 - not a fault: another instance owns the lane now
    """Another owner has taken the lane; all of this batch is undone."""


class TimerFailed(Exception):  # noqa: N818 - says what happened
    """A timer's decision failed; the timer stays, for a release that can decide on it."""

    def __init__(self, received: Received) -> None:
        """Keep which one it was."""
        super().__init__(received.event.body)
        self.received = received


@dataclass(frozen=True, slots=True)
class Lane:
    """What stays the same for a lane while its owner holds it."""

    step: Step[Any, Any]
    part: int
    epoch: int
    signature: Signature


@dataclass(frozen=True, slots=True)
class Work:
    """What one transaction does: records heard, timers to fire, how positions and marks move."""

    heard: Sequence[tuple[Record, Received]] = ()
    unreadable: Sequence[tuple[Record, Exception]] = ()
    timers: Sequence[tuple[str, str]] = ()
    """Keys and names of timers that seem due."""
    moves: Sequence[Move] = ()
    marks: Mapping[Writer, int] = field(default_factory=dict)
    acknowledged: Mapping[str, int] = field(default_factory=dict)
    retold: Sequence[UUID] = ()
    """Events that may be repeats of a restored writer; history tells."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a committed batch brought about."""

    now: datetime
    outbox: Sequence[OutboxRow]
    decided: Decided
    parked: Sequence[tuple[Record, Exception]]


async def run_batch(database: Database, lane: Lane, book: PolicyBook, work: Work) -> Outcome:
    """Do the whole of it in one transaction.

    Raises FencedOff where the lane is another's by now; any error of PostgreSQL means that
    nothing happened, or, at the commit, that nobody knows: the lane is to be taken again.
    """
    async with database.transaction() as tx:
        keys = _keys(work) if lane.step.counts_versions else []
        held = await rows.fence(tx, lane.step.name, lane.part, lane.epoch, work.moves, keys)
        if held is None:
            raise FencedOff
        await book.refresh(tx, held.policies)
        known = await _known(tx, lane.step.name, work.retold)
        received = list(_first_told(work, known))
        received += await _due(tx, lane, work.timers, held.now)
        decided, now = await decide_in(tx, lane.step, lane.part, book, received, held.now)
        parked = [*work.unreadable, *_failed_records(work, decided.failures)]
        for record, error in parked:
            await park(tx, lane.step.name, lane.part, record, error, now)
            service = lane.signature.service
            decided.said.append(
                parked_event(service, lane.step.name, lane.part, record, error, now)
            )
        await _take_up(tx, work, decided)
        outbox = await settle_in(
            tx, lane, decided, marks=work.marks, gone=work.acknowledged, known=held.numbers
        )
    return Outcome(now, outbox, decided, parked)


async def decide_in(
    tx: Tx,
    step: Step[Any, Any],
    part: int,
    book: PolicyBook,
    received: Sequence[Received],
    now: datetime,
) -> tuple[Decided, datetime]:
    """Load, decide and save, with the lane row locked; return the decisions and their now."""
    if not received:
        return Decided(), now
    if step.lock is not None and any(step.decides_on(type(one.event.body)) for one in received):
        now = await step.lock(tx, now)
    await _keep_policies(tx, book, received, now)
    policy, named = book.need(step.policy, now) if _wants_policy(step, received) else (None, "-")
    states = await step.load(tx, received, now)
    decided = decide_all(step, received, states, Ground(part, policy, named, now))
    decided.persons = await step.save(tx, decided.states, decided.heard)
    return decided, now


async def settle_in(
    tx: Tx,
    lane: Lane,
    decided: Decided,
    *,
    marks: Mapping[Writer, int],
    gone: Mapping[str, int],
    known: rows.Numbers | None = None,
) -> Sequence[OutboxRow]:
    """Number and write what was decided; return the rows that are to be published.

    ``known`` are numbers that were read with the lane row locked in this very transaction.
    """
    step, part = lane.step, lane.part
    numbered = Numbered((), (), {}, {})
    if decided.said or decided.history:
        keys = keys_said(decided.said) if step.counts_versions else []
        counted = known
        if counted is None or not counted.versions.keys() >= set(keys):
            counted = await rows.numbers(tx, step.name, part, keys)
        numbered = number(decided, counted, await _persons(tx, step, decided), lane.signature)
    settlement = Settlement(
        marks,
        numbered.next_seq,
        numbered.versions,
        numbered.outbox,
        gone,
        numbered.history,
        decided.fired,
        list(decided.timers.values()),
    )
    if any((marks, gone, numbered.outbox, numbered.history, decided.fired, decided.timers)):
        await settle(tx, step.name, part, settlement)
    return numbered.outbox


async def _persons(tx: Tx, step: Step[Any, Any], decided: Decided) -> Mapping[str, Person]:
    """Return the persons that the bodies said owe, read where they were not just written."""
    known = decided.persons
    owed = [key for key in keys_with_person(decided.said) if key not in known]
    return {**known, **await step.fill(tx, owed)} if step.fill is not None and owed else known


def _keys(work: Work) -> list[str]:
    """Return the keys of what was heard; what is said is of the same keys in most steps."""
    return sorted({each.key for _, each in work.heard} | {key for key, _ in work.timers})


def _wants_policy(step: Step[Any, Any], received: Sequence[Received]) -> bool:
    return step.policy is not None and any(
        step.decides_on(type(one.event.body)) for one in received
    )


async def _keep_policies(
    tx: Tx, book: PolicyBook, received: Sequence[Received], now: datetime
) -> None:
    """Store the policy versions among what was heard, before anything is decided."""
    news = [one.event.body for one in received if isinstance(one.event.body, PolicyPublished)]
    stored = [await store_version(tx, body, now) for body in news]
    if any(stored):
        await book.refresh(tx, book.count + sum(stored))


async def _known(tx: Tx, step: str, retold: Sequence[UUID]) -> frozenset[UUID]:
    """Return which events were decided on in the last seven days."""
    if not retold:
        return frozenset()
    found = await tx.fetch(
        "SELECT cause FROM history WHERE step = $1 AND cause = ANY($2) "
        "AND now > clock_now() - interval '7 days'",
        step,
        list(retold),
    )
    return frozenset(row["cause"] for row in found)


def _first_told(work: Work, known: frozenset[UUID]) -> Iterator[Received]:
    """Yield what was heard but for what a restored writer tells again, also within the batch."""
    retold, told = frozenset(work.retold), set(known)
    for _, each in work.heard:
        if each.event.id not in retold or each.event.id not in told:
            told.add(each.event.id)
            yield each


async def _due(
    tx: Tx, lane: Lane, timers: Sequence[tuple[str, str]], now: datetime
) -> list[Received]:
    """Read the timers again under the lane row; only what is still there and due fires."""
    if not timers:
        return []
    found = await rows.timers_due(tx, lane.step.name, lane.part, now, timers)
    return [_fired(lane.step.name, row, now) for row in found]


def _fired(step: str, row: rows.TimerRow, now: datetime) -> Received:
    body = TimerDue(name=row.name, due_at=row.due_at, payload=orjson.loads(row.payload))
    event = Event(
        id=from_words("timer", step, row.key, row.name, row.due_at.isoformat(), str(row.cause)),
        body=body,
        occurred_at=row.due_at,
        recorded_at=now,
        mode=Mode(row.mode),
        cause=row.cause,
        version=0,
    )
    return Received(event, row.key)


def _failed_records(work: Work, failures: Sequence[Failure]) -> list[tuple[Record, Exception]]:
    by_event = {id(received): record for record, received in work.heard}
    failed = []
    for failure in failures:
        record = by_event.get(id(failure.received))
        if record is None:
            raise TimerFailed(failure.received) from failure.error
        failed.append((record, failure.error))
    return failed


async def _take_up(tx: Tx, work: Work, decided: Decided) -> None:
    done = {id(received) for received in decided.heard}
    for record, received in work.heard:
        again = record.parked_id is not None and id(received) in done
        if again and not await taken_up(tx, record):
            raise FencedOff  # somebody took it up meanwhile: look again at what is to be retried
