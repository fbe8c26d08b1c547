"""The demo lead at every hour of a week and of a holiday, by running services on one clock.

The clock is moved from outside: to the next hour, or to a timer that is due before it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.house import House, house
from tests.e2e.leads import GoogleLead, sent
from tests.support.servers import Servers
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.long, pytest.mark.timeout(3_600)]

HOUR = timedelta(hours=1)
WEEK = datetime(2026, 11, 23, tzinfo=UTC)
CHRISTMAS = datetime(2026, 12, 25, tzinfo=UTC)
CLOCK = "/v1/admin/routing/clock"
SPOKEN = {"kind": "contacted", "channel": "call", "outcome": "spoke"}
"""Told of each lead, so that its deadline's timers need no stop of the clock."""


@pytest.fixture(scope="module")
def clockwork(servers: Servers) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BATON_CLOCK", "simulated")
        with house(servers, at=WEEK) as five:
            yield five


def move(five: House, to: datetime) -> None:
    """Move the clock, timer by timer, with nothing left to do before each step."""
    now = datetime.fromisoformat(five.get(CLOCK)["now"])
    while now < to:
        five.wait_still(now)
        timers = [each["next_timer"] for each in five.still() if each["next_timer"]]
        due = [at for at in map(datetime.fromisoformat, timers) if at > now]
        now = min([*due, to])
        answer = five.post(CLOCK, {"to": now.isoformat()})
        assert answer.status_code == 200, answer.text


def owner(five: House, touch: str) -> str | None:
    """Whose the lead of a touch is, once somebody has it."""
    walk = five.find("/v1/timelines", touch=touch)
    routed = [each for each in (walk or {"steps": []})["steps"] if each["type"] == "lead.routed"]
    return routed[0]["body"]["owner"]["rep_id"] if routed else None


@pytest.mark.parametrize(("begin", "hours"), [(WEEK, 7 * 24), (CHRISTMAS, 24)])
def test_the_demo_lead_has_an_owner_at_every_hour(
    clockwork: House, begin: datetime, hours: int
) -> None:
    reps = set()
    for hour in range(hours):
        at = begin + hour * HOUR
        move(clockwork, at)
        touch = sent(clockwork, GoogleLead())
        rep = wait_until(lambda: owner(clockwork, touch), f"an owner at {at:%A %d %B, %H:%M}")  # noqa: B023 - asked within the turn
        reps.add(rep)
        answer = clockwork.post(f"/v1/leads/{touch}/activities", SPOKEN)
        assert answer.status_code == 201, answer.text
    assert len(reps) > 1
