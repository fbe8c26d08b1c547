"""The judge of walks itself: a right walk is clean, and each wrong is found."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from tests.support.five.walks import WEIGHTS, judge, wrong_turns
from tests.support.ledger import Asked, Seen, Verdict, sift

LEAD, CLOCK, CONTACT = "lead-1", "clock-1", "contact-1"
DEADLINE = "2026-11-02T09:00:00Z"
EARLY, LATE = "2026-11-02T08:59:59.5Z", "2026-11-02T09:00:01Z"


def said(name: str, event: str, cause: str = "", **body: Any) -> Seen:  # noqa: ANN401 - any JSON
    headers = {"ce_id": event, "ce_type": f"baton.{name}.v1", "ce_causationid": cause}
    raw = {key: value.encode() for key, value in headers.items()}
    return Seen("topic", 0, 0, LEAD, orjson.dumps(body), raw)


def clock(name: str, event: str, cause: str = "", **body: Any) -> Seen:  # noqa: ANN401 - any JSON
    facts = {"lead.title": "Close"}
    told = {"clock_id": CLOCK, "lead_id": LEAD, "deadline": DEADLINE, "facts": facts}
    return said(name, event, cause, **{**told, **body})


def met(at: str, *, in_time: bool, event: str = "met") -> Seen:
    return clock("clock.met", event, CONTACT, met_at=at, in_time=in_time, met_by=CONTACT)


BREACH = clock("sla.breached", "breached")
WITHDRAWN = clock("clock.corrected", "corrected", CONTACT, withdraws_breach=True)
ROUTED = {"pool": "emea", "owner": {"rep_id": "ana"}, "assigned_at": EARLY}
WALK: Mapping[str, Seen] = {
    "recorded": said("touch.recorded", "recorded", touch_id="touch-1"),
    "resolved": said("touch.resolved", "resolved", "recorded", touch_id="touch-1"),
    "scored": said("lead.scored", "scored", "resolved"),
    "qualified": said("lead.qualified", "qualified", "resolved"),
    "routed": said("lead.routed", "routed", "qualified", decision_no=1, **ROUTED),
    "started": clock("clock.started", "started", "routed"),
    "contacted": said("lead.contacted", CONTACT),
}


def judged(*ends: Seen, without: str = "", calls: bool = True) -> Verdict:
    log = [each for name, each in WALK.items() if name != without]
    told = [Asked(CONTACT, LEAD)] if calls else []
    return judge(sift([*log, *ends]), ["touch-1"], told)


@pytest.mark.parametrize(
    "ends",
    [
        [met(EARLY, in_time=True)],
        [BREACH, met(LATE, in_time=False)],
        [BREACH, WITHDRAWN, met(EARLY, in_time=True)],
    ],
)
def test_a_right_walk_is_clean(ends: list[Seen]) -> None:
    verdict = judged(*ends)
    assert verdict.clean, str(verdict)


@pytest.mark.parametrize("gone", list(WALK))
def test_a_walk_without_one_of_its_steps_is_found(gone: str) -> None:
    assert not judged(met(EARLY, in_time=True), without=gone).clean


@pytest.mark.parametrize("name", [name for name in WALK if name != "recorded"])
def test_a_step_that_is_said_twice_is_found(name: str) -> None:
    again = WALK[name]
    twice = Seen("topic", 0, 1, again.key, again.value, {**again.headers, "ce_id": b"another"})
    assert not judged(met(EARLY, in_time=True), twice).clean


@pytest.mark.parametrize(
    "ends",
    [
        [],
        [BREACH],
        [met(EARLY, in_time=False)],
        [met(LATE, in_time=False)],
        [met(LATE, in_time=True)],
        [BREACH, met(EARLY, in_time=True)],
        [BREACH, BREACH, met(LATE, in_time=False)],
        [BREACH, WITHDRAWN, met(LATE, in_time=False)],
        [met(EARLY, in_time=True), met(EARLY, in_time=True, event="again")],
    ],
)
def test_a_clock_that_ends_otherwise_is_found(ends: list[Seen]) -> None:
    assert judged(*ends).miscounted


def test_a_clock_that_nobody_called_for_is_met_by_nobody() -> None:
    assert judged(met(EARLY, in_time=True), without="contacted", calls=False).miscounted


def test_what_is_not_part_of_a_walk_is_found() -> None:
    assert judged(met(EARLY, in_time=True), said("lead.unrouted", "odd")).miscounted


def assigned(*reps: str) -> list[dict[str, Any]]:
    return [
        {
            "decision_no": number,
            "pool": next(pool for pool, weights in WEIGHTS.items() if rep in weights),
            "owner": {"rep_id": rep},
            "assigned_at": f"2026-11-02T09:00:{number:02}Z",
        }
        for number, rep in enumerate(reps, 1)
    ]


def test_turns_in_their_order_are_right_and_others_are_found() -> None:
    fair = assigned("ana", "priya", "jonas", "tom", "mia", "priya", "ana", "priya", "jonas")
    assert wrong_turns(fair) == []
    assert wrong_turns(assigned("ana", "ana"))
    assert wrong_turns(assigned("tom", "tom"))
    assert wrong_turns(fair[1:])
    assert wrong_turns([*fair, fair[-1]])
    assert wrong_turns([{**fair[0], "assigned_at": LATE}, {**fair[1], "assigned_at": EARLY}])
