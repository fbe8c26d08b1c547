from datetime import UTC, datetime
from uuid import UUID

from chassis.lanes.deciding import _told_cause
from contracts.decision import TimerDue
from contracts.event import Event, Mode
from contracts.events.sources import SourceHeard

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ITSELF, CAUSE = UUID(int=1), UUID(int=2)


def test_a_timer_never_travels_so_what_set_it_is_told_as_the_cause() -> None:
    body = TimerDue(name="breach", due_at=NOW, payload={})
    assert _told_cause(Event(ITSELF, body, NOW, NOW, Mode.LIVE, CAUSE, 0)) == CAUSE


def test_an_event_is_itself_the_cause_of_what_is_said_on_it() -> None:
    body = SourceHeard(source="website", heard_at=NOW)
    assert _told_cause(Event(ITSELF, body, NOW, NOW, Mode.LIVE, CAUSE, 0)) == ITSELF
