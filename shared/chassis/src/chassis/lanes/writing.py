"""From what a batch decided to numbered rows: sequence, versions, headers, persons.

Pure but for the persons it is handed; the batch reads the numbers and writes the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chassis.kafka.lane_of import lane_of
from chassis.lanes.deciding import Decided, Said
from chassis.lanes.history import HistoryRow, sealed
from chassis.lanes.records import TRACE, OutboxRow, sequence_headers, target_of
from chassis.lanes.rows import HISTORY, Numbers
from contracts.event import headers_of, value_of
from contracts.person import Person


@dataclass(frozen=True, slots=True)
class Signature:
    """Who writes: what stands in the headers of a lane's events."""

    service: str
    producer: str
    """Service, step and incarnation."""
    part: int
    lanes: int
    counts_versions: bool


@dataclass(frozen=True, slots=True)
class Numbered:
    """A batch's rows and the numbers that come next."""

    outbox: Sequence[OutboxRow]
    history: Sequence[HistoryRow]
    next_seq: Mapping[str, int]
    versions: Mapping[str, int]


def keys_said(said: Sequence[Said]) -> list[str]:
    """Return the keys of the events, each once, sorted."""
    return sorted({each.event.body.key() for each in said})


def keys_with_person(said: Sequence[Said]) -> list[str]:
    """Return the keys of the events that carry a person, each once, sorted."""
    return sorted({one.event.body.key() for one in said if one.event.body.CARRIES_PERSON})


def number(
    decided: Decided, numbers: Numbers, persons: Mapping[str, Person], by: Signature
) -> Numbered:
    """Number what was decided and make the rows of outbox and history."""
    next_seq = dict(numbers.next_seq)
    versions = dict(numbers.versions)
    taken: dict[str, int] = {}
    spoken: dict[str, int] = {}
    outbox = []
    for said in decided.said:
        key = said.event.body.key()
        topic = said.event.body.topic()
        partition = lane_of(key, by.lanes) if topic.by_lane else 0
        target = target_of(topic.name, partition)
        seq = next_seq.get(target, 1)
        next_seq[target] = taken[target] = seq + 1
        if by.counts_versions:
            versions[key] = spoken[key] = versions.get(key, 0) + 1
        event = replace(said.event, version=spoken[key]) if by.counts_versions else said.event
        headers = headers_of(event, by.service) + sequence_headers(by.producer, by.part, seq)
        if said.trace is not None:
            headers.append((TRACE, said.trace.encode()))
        outbox.append(
            OutboxRow(
                target=target,
                seq=seq,
                event_id=event.id,
                topic=topic.name,
                partition=partition,
                key=key,
                value=value_of(event, persons.get(key), said.fields),
                headers=headers,
            )
        )
    history = []
    for row in decided.history:
        no = next_seq.get(HISTORY, 1)
        next_seq[HISTORY] = taken[HISTORY] = no + 1
        history.append(sealed(row, no))
    return Numbered(outbox, history, taken, spoken)
