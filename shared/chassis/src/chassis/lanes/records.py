"""Records on their way in and out of a lane, and their sequence headers. Pure.

The pump makes ``Record`` from Kafka, the batch makes ``OutboxRow``, the publisher sends it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.lanes.marks import Writer
from contracts.event import Malformed

Headers = Sequence[tuple[str, bytes]]

PRODUCER = "ce_producer"
LANE = "ce_lane"
SEQ = "ce_seq"
TRACE = "traceparent"

_MOST_SEQ = 2**63 - 2
_MOST_LANES = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it came from Kafka; ``topic`` stands without the installation's prefix."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    parked_id: UUID | None = None
    """Set where this is a parked message taken up again: no position, no mark."""

    @property
    def target(self) -> str:
        """Topic and partition as sequence numbers name them."""
        return target_of(self.topic, self.partition)


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One event that was decided and is to go out."""

    target: str
    seq: int
    event_id: UUID
    topic: str
    partition: int
    key: str
    value: bytes
    headers: Headers


def target_of(topic: str, partition: int) -> str:
    """Return the name of one partition of a topic."""
    return f"{topic}:{partition}"


def sequence_headers(producer: str, lane: int, seq: int) -> list[tuple[str, bytes]]:
    """Return the headers by which readers tell repeats and losses."""
    return [(PRODUCER, producer.encode()), (LANE, b"%d" % lane), (SEQ, b"%d" % seq)]


def numbered(record: Record) -> tuple[Writer, int] | None:
    """Return who wrote a record and its number; None where it carries no sequence headers.

    Raises Malformed where the headers are there and make no sense.
    """
    named = {name: raw for name, raw in record.headers if name in {PRODUCER, LANE, SEQ}}
    if not named:
        return None
    try:
        writer = Writer(named[PRODUCER].decode(), int(named[LANE]), record.target)
        seq = int(named[SEQ])
    except (KeyError, ValueError):
        raise Malformed("the sequence headers make no sense") from None
    if not (0 < seq <= _MOST_SEQ and 0 <= writer.lane <= _MOST_LANES):
        raise Malformed("the sequence headers are out of range")
    if "\0" in writer.producer:
        raise Malformed("the producer's name makes no sense")
    return writer, seq


def header(record: Record, name: str) -> str | None:
    """Return a header's text."""
    for each, raw in record.headers:
        if each == name:
            return raw.decode("utf-8", "replace")
    return None
