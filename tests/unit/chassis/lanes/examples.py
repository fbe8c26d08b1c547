"""Records, events and a lane's ground for the tests of this folder."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from chassis.lanes.deciding import Ground
from chassis.lanes.records import Record, sequence_headers
from chassis.lanes.step import Received
from contracts.body import Body, Part
from contracts.decision import TimerDue
from contracts.event import Event, Mode, headers_of, value_of
from contracts.events import types_of
from contracts.events.resolved import FactsResolved
from contracts.facts import Facts
from contracts.ids import from_words
from contracts.topics import LEADS_TOUCHES
from tests.support.toys.counter import REMIND

NOW = datetime(2026, 11, 24, 12, 0, 0, 123_456, tzinfo=UTC)
TOPIC = LEADS_TOUCHES.name
GROUND = Ground(part=2, policy=None, policy_hash="-", now=NOW)


def lead(number: int) -> UUID:
    return from_words("lead", str(number))


def facts(number: int, of: int = 1, source: str = "form") -> Event[FactsResolved]:
    """The ``number``-th event, about the lead ``of``."""
    body = FactsResolved(
        lead_id=lead(of),
        record_id=from_words("record", str(number)),
        source=source,
        facts=Facts(),
        received_at=NOW,
        resolved_at=NOW,
    )
    return Event(from_words("event", str(number)), body, NOW, NOW, Mode.LIVE, None, number)


def heard(*events: Event[FactsResolved]) -> list[Received]:
    return [Received(each, each.body.key()) for each in events]


def timer(of: int, name: str = REMIND) -> Received:
    body = TimerDue(name=name, due_at=NOW, payload={"lead": str(lead(of))})
    cause = from_words("cause", str(of))
    event: Event[Part] = Event(
        from_words("timer", name, str(of)), body, NOW, NOW, Mode.LIVE, cause, 0
    )
    return Received(event, str(lead(of)))


def record(
    offset: int,
    event: Event[FactsResolved] | None = None,
    seq: int | None = None,
    producer: str = "scoring.sort@a",
    lane: int = 0,
) -> Record:
    """A record of leads.touches:2, numbered where ``seq`` says so."""
    event = facts(offset) if event is None else event
    headers = headers_of(event, "toy")
    if seq is not None:
        headers += sequence_headers(producer, lane, seq)
    return Record(TOPIC, 2, offset, event.body.key().encode(), value_of(event, None), headers)


def types(topic: str) -> Mapping[str, type[Body]]:
    return types_of(LEADS_TOUCHES) if topic == TOPIC else {}


def with_header(base: Record, name: str, value: bytes | None) -> Record:
    """The record with one header changed, or left out."""
    headers: Sequence[tuple[str, bytes]] = [each for each in base.headers if each[0] != name]
    added = [] if value is None else [(name, value)]
    return Record(base.topic, base.partition, base.offset, base.key, base.value, [*headers, *added])
