"""What comes before whom it is of: kept, looked at again, said once; as if it had come after."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.body import Body, Part
from contracts.decision import Decision, Say, TimerDue
from contracts.event import Event, Mode
from contracts.events.kinds import ConsentState, Purpose, TouchKind
from contracts.events.parts import Consent
from contracts.events.privacy import ErasureAsked
from contracts.events.touches import ConsentRecorded, FactsRecorded, TouchRecorded
from contracts.facts import Facts
from contracts.ids import from_words
from scoring.consumer import IDENTITY
from scoring.domain.resolve import TouchState
from scoring.domain.waiting import LOOKS, Waiting
from tests.unit.scoring.made import LEAD, NOW

RECORD = from_words("record")
TOUCH = from_words("touch")
FACTS = FactsRecorded(
    identity="of",
    identity_keys=(),
    record_id=RECORD,
    of=TOUCH,
    source="crm",
    facts=Facts({"custom.tier": 2}),
    received_at=NOW,
)
CONSENT = ConsentRecorded(
    identity="of",
    identity_keys=(),
    record_id=RECORD,
    of=TOUCH,
    source="crm",
    consent={Purpose.CONTACT: Consent(state=ConsentState.WITHDRAWN, at=NOW, source="crm")},
    received_at=NOW,
)
ERASURE = TouchRecorded(
    identity="of",
    identity_keys=(),
    touch_id=RECORD,
    source="linkedin",
    source_kind="linkedin",
    kind=TouchKind.ERASURE,
    content_hash="a",
    received_at=NOW,
)
SINCE = NOW - timedelta(days=1)
Told = FactsRecorded | ConsentRecorded | TouchRecorded
EACH = pytest.mark.parametrize("body", [FACTS, CONSENT, ERASURE], ids=lambda each: each.TYPE)
NOBODY = TouchState(lead_id=from_words("nobody"), makes_lead=False, is_of_nobody=True)
KNOWN = TouchState(lead_id=LEAD, makes_lead=False, touches=(TOUCH,))


def decided(
    state: TouchState, body: Part, now: datetime, event: UUID | None = None
) -> Decision[TouchState]:
    said = Event(event or from_words("event"), body, SINCE, NOW, Mode.LIVE, None, 0)
    decision = IDENTITY.decide(state, said, None, now)
    assert decision is not None
    return decision


def look(state: TouchState, at: datetime) -> Decision[TouchState]:
    return decided(state, TimerDue(name="look", due_at=at, payload={}), at, from_words("look"))


def waiting(state: TouchState, body: Told) -> TouchState:
    """The state as the tables give it back, and history, which is JSON."""
    made = state.model_copy(update={"waiting": Waiting(body=body, occurred_at=SINCE)})
    return TouchState.model_validate_json(made.model_dump_json())


def content(decision: Decision[TouchState]) -> list[tuple[Body, datetime | None]]:
    """What was said and since when, but for when we found out."""
    found = [each if isinstance(each, Say) else Say(each) for each in decision.says]
    when = {"resolved_at": NOW, "asked_at": NOW}
    return [(each.body.model_copy(update=when), each.occurred_at) for each in found]


@EACH
def test_what_is_of_nobody_yet_says_nothing_and_is_looked_at_for_thirty_days(body: Told) -> None:
    kept = decided(NOBODY, body, NOW)

    assert kept.says == ()
    assert [each.due_at for each in kept.timers] == [NOW + after for after in LOOKS]
    assert len({each.name for each in kept.timers}) == len(LOOKS)
    assert LOOKS[-1] == timedelta(days=30)
    assert kept.state.is_fresh


@EACH
@given(missed=st.integers(0, len(LOOKS) - 1))
def test_it_says_the_same_whichever_comes_first(body: Told, missed: int) -> None:
    late, at = waiting(NOBODY, body), NOW
    for after in LOOKS[:missed]:
        at = NOW + after
        assert look(late, at) == Decision(late)
    found = look(waiting(KNOWN, body), NOW + LOOKS[missed])

    assert content(found) == content(decided(KNOWN, body, NOW))
    assert len(found.says) == 1


@EACH
def test_what_was_said_is_not_looked_at_again(body: Told) -> None:
    names = {each.name for each in decided(NOBODY, body, NOW).timers}
    found = look(waiting(KNOWN, body), NOW)
    again = look(waiting(found.state, body), NOW)

    assert {each.name for each in found.timers if each.due_at is None} == names
    assert (again.says, again.timers) == ((), found.timers)


def test_an_erasure_found_later_names_the_touches_that_came_meanwhile() -> None:
    ((asked, _),) = content(look(waiting(KNOWN, ERASURE), NOW))

    assert isinstance(asked, ErasureAsked)
    assert (asked.lead_id, set(asked.touch_ids)) == (LEAD, {TOUCH, RECORD})


def test_what_is_of_a_company_waits_for_nobody() -> None:
    body = FACTS.model_copy(update={"of": None, "account": "brightwell.example"})

    assert decided(NOBODY, body, NOW).timers == ()
