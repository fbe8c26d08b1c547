"""The demo lead, and one nobody hurries for, at every hour of a week and on holidays."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from routing.domain.decide import on_qualified, on_timer
from routing.domain.rulebook import Rulebook
from tests.unit.routing.words import DEMO_FACTS, demo, heard, new_case, qualified, said, timer

WEEK = datetime(2026, 11, 23, tzinfo=UTC)
CHRISTMAS = datetime(2026, 12, 25, tzinfo=UTC)
CLOCKS_CHANGE = datetime(2026, 10, 25, tzinfo=UTC)
PLAIN: Mapping[str, Any] = {**DEMO_FACTS, "lead.grade": "C3"}


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return demo()


def hours() -> Iterator[datetime]:
    yield from (WEEK + timedelta(hours=n) for n in range(7 * 24))
    for day in (CHRISTMAS, CLOCKS_CHANGE):
        yield from (day + timedelta(hours=n) for n in range(24))


def test_the_demo_lead_has_an_owner_at_once_at_any_hour(book: Rulebook) -> None:
    for now in hours():
        body = qualified(at=now)
        (routed,) = said(on_qualified(new_case(body), heard(body, now), book, now))
        assert routed.owner.rep_id in book.team.reps


def test_a_plain_lead_has_an_owner_at_once_or_after_at_most_16_hours(book: Rulebook) -> None:
    held = 0
    for now in hours():
        body = qualified(at=now, facts=PLAIN)
        decision = on_qualified(new_case(body), heard(body, now), book, now)
        (first,) = said(decision)
        if first.TYPE == "lead.held":
            held += 1
            assert now < first.until <= now + timedelta(hours=16)
            (first,) = said(on_timer(decision.state, timer(decision), book, first.until))
        assert first.owner.rep_id in {"ana", "jonas", "mia"}
    assert held > 100


def test_leads_of_every_rule_have_an_owner_at_any_hour(book: Rulebook) -> None:
    kinds: tuple[dict[str, Any], ...] = (
        {"company.domain": "northwind.example", "company.employees": 2000},
        {"lead.territory": "AMERICAS"},
        {"lead.territory": "ANTARCTICA"},
    )
    for now in hours():
        for facts in kinds:
            body = qualified(at=now, facts={**DEMO_FACTS, **facts})
            (routed,) = said(on_qualified(new_case(body), heard(body, now), book, now))
            assert routed.owner.rep_id in book.team.reps
