"""Where a lead stands, by the stored examples of the events that say so."""

from typing import Any

import pytest

from contracts.body import Body
from contracts.events.activity import (
    ActivityCorrected,
    CustomerChurned,
    DealLost,
    DealWon,
    LeadAccepted,
    LeadContacted,
    LeadDisqualified,
    LeadRecycled,
    LeadRejected,
    MeetingBooked,
    OpportunityOpened,
)
from contracts.events.mql import LeadQualified, LeadReturned, LeadUnqualified
from contracts.events.privacy import ErasureAsked
from contracts.events.resolved import TouchResolved
from contracts.events.scored import LeadScored
from contracts.events.sql import (
    LeadHeld,
    LeadOffered,
    LeadReassigned,
    LeadRouted,
    LeadUnrouted,
    OfferDeclined,
    OfferExpired,
)
from contracts.ids import from_words
from contracts.lifecycle import MOVING
from contracts.reasons import Unblock, UnroutedReason
from insights.domain.last_word import _UNBLOCKS, Stands, stands
from insights.domain.recorded import Recorded
from insights.domain.standing import Standing
from tests.unit.insights.made import body_of, recorded

SCORE = {"points": "35", "grade": "C3", "groups": [], "contributions": []}
BELOW = {"score": SCORE, "line": "60", "qualified": False, "consent": {}}
Said = tuple[type[Body], dict[str, Any]]
OWNER = {"rep_id": "ana", "name": "Ana Weber", "outside_ids": {}}


def walked(*told: Said) -> list[Recorded]:
    """Events recorded one after the other."""
    return [
        recorded(f"event {place}", kind, place, **changes)
        for place, (kind, changes) in enumerate(told)
    ]


def at(*told: Said) -> Stands:
    found = stands(walked(*told))
    assert found is not None
    return found


TOUCH: Said = (TouchResolved, {"facts": {}})
SCORED: Said = (LeadScored, BELOW)
MQL: Said = (LeadQualified, {})
SQL: Said = (LeadRouted, {"owner": OWNER, "rule": "emea"})


def test_a_lead_below_the_line_is_told_the_points_that_are_missing() -> None:
    found = at(TOUCH, SCORED)
    assert found.standing is Standing.BELOW_LINE
    assert found.because == "35 points, 25 short of the line of 60"
    assert "missing points" in found.moves


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"score": {**SCORE, "points": "70"}}, "a rule or a person says no"),
        ({"consent": {"profiling": {"state": "denied"}}}, "does not consent to being scored"),
    ],
)
def test_points_are_not_all_that_keeps_a_lead_below(changes: dict[str, Any], because: str) -> None:
    assert because in at(TOUCH, (LeadScored, BELOW | changes)).because


def test_only_spam_stands_as_spam_with_its_signs() -> None:
    facts = {"touch.is_spam": True, "touch.spam_signs": ["too_fast", "honeypot"]}
    found = at((TouchResolved, {"facts": facts}))
    assert (found.standing, found.because) == (Standing.SPAM, "too fast, honeypot")
    assert at((TouchResolved, {"facts": facts}), SCORED).standing is Standing.BELOW_LINE


def test_a_touch_alone_is_not_scored_yet_and_nothing_stands_nowhere() -> None:
    assert at(TOUCH).standing is Standing.UNSCORED
    assert stands([]) is None


def test_who_only_visits_is_nobodys_lead_whatever_the_points() -> None:
    visit: Said = (TouchResolved, {"facts": {}, "anonymous": True})
    found = at(visit, (LeadScored, BELOW | {"qualified": True}))
    assert found.standing is Standing.VISITOR
    assert "says who it is" in found.moves
    assert at(visit, SCORED, TOUCH).standing is Standing.BELOW_LINE


@pytest.mark.parametrize(
    ("reason", "standing"),
    [
        (UnroutedReason.GATE, Standing.GATE),
        (UnroutedReason.NO_CONSENT, Standing.GATE),
        (UnroutedReason.HISTORICAL, Standing.HISTORICAL),
        (UnroutedReason.NO_RULE, Standing.UNROUTED),
        (UnroutedReason.ERASED, Standing.ERASED),
    ],
)
def test_why_routing_gave_a_lead_to_nobody_says_where_it_stands(
    reason: UnroutedReason, standing: Standing
) -> None:
    said = {"reason": reason.value, "rule": "no-contact", "unblocked_by": ["consent", "by_hand"]}
    found = at(TOUCH, SCORED, MQL, (LeadUnrouted, said))
    assert found.standing is standing
    assert "rule no-contact" in found.because
    if standing is Standing.GATE:
        assert found.moves == "The person consents to contact; or a person assigns the lead."


def test_a_lead_that_waits_tells_for_whom_and_until_when() -> None:
    said: dict[str, Any] = {"reason": "pool_closed", "rule": None, "pool": "emea"}
    said |= {"until": "2026-11-03T08:00:00Z", "unblocked_by": ["rep_available"]}
    found = at(MQL, (LeadHeld, said))
    assert found.standing is Standing.HELD
    assert found.because == "pool closed, pool emea, until 2026-11-03 08:00:00 UTC at the latest"
    assert found.moves == "A rep of the pool becomes available."
    gate = at(MQL, (LeadHeld, said | {"reason": "gate", "rule": "unreachable"}))
    assert (gate.standing, "rule unreachable" in gate.because) == (Standing.GATE, True)


def test_an_offer_names_who_may_take_it_and_until_when() -> None:
    offered: Said = (LeadOffered, {"to": [OWNER], "answer_by": "2026-11-02T09:30:00Z"})
    for found in (at(MQL, offered), at(MQL, offered, (OfferDeclined, {}))):
        assert found.standing is Standing.OFFERED
        assert found.because == "to Ana Weber, who may answer until 2026-11-02 09:30:00 UTC"
    assert at(MQL, offered, (OfferExpired, {})).standing is Standing.OFFER_EXPIRED


@pytest.mark.parametrize(
    ("kind", "stage", "standing"),
    [
        (LeadAccepted, "SQL", Standing.ACCEPTED),
        (LeadContacted, "SQL", Standing.WORKED),
        (MeetingBooked, "SQL", Standing.WORKED),
        (OpportunityOpened, "OPPORTUNITY", Standing.OPPORTUNITY),
        (DealWon, "CUSTOMER", Standing.CUSTOMER),
    ],
)
def test_what_sales_does_is_where_it_stands_with_its_owner(
    kind: type[Body], stage: str, standing: Standing
) -> None:
    found = at(MQL, SQL, (kind, {"stage": stage, "owner": OWNER}))
    assert found.standing is standing
    assert found.because.startswith("Ana Weber has it since ")
    assert found.because.endswith(", rule emea")


def test_after_a_handover_a_new_score_says_nothing_of_where_it_stands() -> None:
    assert at(MQL, SQL, SCORED).standing is Standing.ROUTED
    assert at(MQL, SQL, (LeadReassigned, {})).standing is Standing.ROUTED


def test_a_lead_that_asks_again_stands_as_before_unless_it_has_an_owner() -> None:
    held = (LeadHeld, {"reason": "pool_closed"})
    assert at(MQL, held, (LeadReturned, {})).standing is Standing.HELD
    assert at(MQL, SQL, (LeadReturned, {})).standing is Standing.RETURNED


@pytest.mark.parametrize(
    ("kind", "changes", "standing"),
    [
        (LeadRejected, {"stage": "SQL"}, Standing.REJECTED),
        (LeadRecycled, {"stage": "RECYCLED"}, Standing.RECYCLED),
        (LeadDisqualified, {"stage": "DISQUALIFIED"}, Standing.DISQUALIFIED),
        (DealLost, {"stage": "OPPORTUNITY"}, Standing.OPPORTUNITY),
        (CustomerChurned, {"stage": "CUSTOMER"}, Standing.CUSTOMER),
        (LeadUnqualified, {}, Standing.BELOW_LINE),
        (ErasureAsked, {}, Standing.ERASED),
        (LeadQualified, {}, Standing.QUALIFIED),
    ],
)
def test_the_last_word_holds(kind: type[Body], changes: dict[str, Any], standing: Standing) -> None:
    assert at(TOUCH, SCORED, MQL, SQL, (kind, changes)).standing is standing


def test_a_contact_before_there_is_an_owner_changes_nothing() -> None:
    assert at(TOUCH, SCORED, (LeadContacted, {"stage": "LEAD"})).standing is Standing.BELOW_LINE


def test_what_was_taken_back_does_not_count() -> None:
    accepted = (LeadAccepted, {"stage": "SQL"})
    correction = {"what": "withdrawn", "stage": "SQL", "corrected_event_id": "x"}
    events = walked(MQL, SQL, accepted, (ActivityCorrected, correction))
    events[-1].body["corrected_event_id"] = str(from_words("event 2"))  # type: ignore[index] # made here
    found = stands(events)
    assert found is not None
    assert found.standing is Standing.ROUTED


def test_every_word_on_its_own_stands_somewhere_or_leaves_it_open() -> None:
    for kind in MOVING:
        found = stands([recorded("only", kind, 1)])
        assert found is None or (found.moves and found.standing.value.says)
        assert body_of(kind)
    assert _UNBLOCKS.keys() == set(Unblock)
