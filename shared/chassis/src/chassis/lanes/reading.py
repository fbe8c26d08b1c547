"""From a run of records to one batch of work: repeats dropped, losses found, bytes decoded.

Pure; the lane calls it before it opens a transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chassis.lanes.marks import Marks, Verdict, Writer
from chassis.lanes.records import PRODUCER, TRACE, Record, header, numbered
from chassis.lanes.rows import Move
from chassis.lanes.step import Received, Step
from chassis.lanes.taking import Place, Position
from contracts.body import Body
from contracts.event import Malformed, decode

Types = Callable[[str], Mapping[str, type[Body]]]
"""The event types of a topic by name."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Numbers that are missing between what was taken and what the log has next."""

    writer: Writer
    mark: int | None
    seq: int

    def __str__(self) -> str:
        """Say it for people."""
        had = "nothing" if self.mark is None else f"number {self.mark}"
        return (
            f"{self.writer.target}: after {had} of {self.writer.producer} lane "
            f"{self.writer.lane} comes number {self.seq}: events between are lost"
        )


@dataclass(slots=True)
class Read:
    """A run of records as a batch sees them."""

    heard: list[tuple[Record, Received]] = field(default_factory=list)
    unreadable: list[tuple[Record, Exception]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    retold: list[UUID] = field(default_factory=list)
    """Ids of events by a writer that was restored: marks cannot tell whether they are repeats."""
    repeated: int = 0
    loss: Loss | None = None
    """The first loss; records from it on are left unread."""


def read(
    step: Step[Any, Any],
    records: Sequence[Record],
    positions: Mapping[Place, Position],
    marks: Marks,
    types: Types,
) -> Read:
    """Judge and decode records in order, up to the first loss."""
    out = Read()
    reached: dict[Place, int] = {}
    for record in records:
        place = (record.topic, record.partition)
        position = positions.get(place)
        if record.parked_id is None:
            if position is None or record.offset < reached.get(place, position.next_off):
                continue  # read before, or of a topic that this lane does not know yet
            try:
                verdict = _judge(record, marks, out, truncated=position.started_truncated)
            except Malformed as error:
                out.unreadable.append((record, error))
                verdict = None
            if out.loss is not None:
                break
            reached[place] = record.offset + 1
            if verdict is None or verdict is Verdict.SEEN:
                out.repeated += verdict is Verdict.SEEN
                continue
        _decode(step, record, types, out)
        if out.heard and out.heard[-1][0] is record and _may_retell(record, marks):
            out.retold.append(out.heard[-1][1].event.id)
    out.moves = [
        Move(topic, partition, positions[topic, partition].next_off, reached[topic, partition])
        for topic, partition in sorted(reached)
    ]
    return out


def _may_retell(record: Record, marks: Marks) -> bool:
    producer = header(record, PRODUCER)
    return producer is not None and marks.may_retell(producer)


def _judge(record: Record, marks: Marks, out: Read, *, truncated: bool) -> Verdict:
    number = numbered(record)
    if number is None:
        return Verdict.NEW
    writer, seq = number
    verdict = marks.judge(writer, seq, log_was_truncated=truncated)
    if verdict is Verdict.LOST:
        out.loss = Loss(writer, marks.mark_of(writer), seq)
    return verdict


def _decode(step: Step[Any, Any], record: Record, types: Types, out: Read) -> None:
    try:
        message = decode(record.value, record.headers, types(record.topic))
        key = step.key_of(message.event)
    except Malformed as error:
        out.unreadable.append((record, error))
        return
    trace = header(record, TRACE)
    out.heard.append((record, Received(message.event, key, message.person, trace)))
