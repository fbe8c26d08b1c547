"""The table of a lead's life: what is possible, what is not, and that every end is reached."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.body import Body
from contracts.events import (
    EVENTS,
    DealWon,
    LeadContacted,
    LeadDisqualified,
    LeadQualified,
    LeadRecycled,
    LeadRejected,
    LeadRouted,
    LeadScored,
    LeadUnqualified,
    OpportunityOpened,
)
from contracts.events.kinds import Stage
from contracts.lifecycle import MOVING, TABLE, ImpossibleStep, next_stage, possible_at

WALK: tuple[tuple[type[Body], Stage], ...] = (
    (LeadScored, Stage.LEAD),
    (LeadQualified, Stage.MQL),
    (LeadUnqualified, Stage.LEAD),
    (LeadQualified, Stage.MQL),
    (LeadRouted, Stage.SQL),
    (LeadContacted, Stage.SQL),
    (LeadRejected, Stage.SQL),
    (LeadRecycled, Stage.RECYCLED),
    (LeadQualified, Stage.MQL),
    (LeadRouted, Stage.SQL),
    (OpportunityOpened, Stage.OPPORTUNITY),
    (DealWon, Stage.CUSTOMER),
)


def test_a_lead_walks_from_touch_to_customer() -> None:
    stage = Stage.LEAD
    for event, expected in WALK:
        stage = next_stage(stage, event)
        assert stage is expected


def test_every_pair_is_in_the_table_or_a_named_error() -> None:
    for stage in Stage:
        for event in MOVING:
            if event in TABLE[stage]:
                assert next_stage(stage, event) is TABLE[stage][event]
            else:
                with pytest.raises(ImpossibleStep) as found:
                    next_stage(stage, event)
                assert found.value.possible == possible_at(stage)
                assert event.TYPE in str(found.value)


def test_an_event_that_moves_nobody_leaves_a_lead_where_it_is() -> None:
    for event in set(EVENTS) - MOVING:
        for stage in Stage:
            assert next_stage(stage, event) is stage


def test_every_stage_has_a_row_and_is_reached() -> None:
    assert set(TABLE) == set(Stage)
    assert {after for row in TABLE.values() for after in row.values()} == set(Stage)


def test_a_cycle_ends_by_two_events_only() -> None:
    ends = {Stage.RECYCLED, Stage.DISQUALIFIED}
    ending = {
        event
        for stage, row in TABLE.items()
        for event, after in row.items()
        if after in ends and after is not stage
    }
    assert ending == {LeadRecycled, LeadDisqualified}


@given(st.lists(st.sampled_from(sorted(MOVING, key=lambda event: event.TYPE)), max_size=40))
def test_nobody_whom_a_rep_holds_is_taken_away_by_scoring(events: list[type[Body]]) -> None:
    stage = Stage.LEAD
    held = {Stage.SQL, Stage.OPPORTUNITY, Stage.CUSTOMER}
    for event in events:
        try:
            after = next_stage(stage, event)
        except ImpossibleStep:
            continue
        if stage in held and event.TOPIC.writer == "scoring":
            assert after is stage
        stage = after


def test_the_way_out_of_a_step_is_named() -> None:
    with pytest.raises(ImpossibleStep, match=r"deal\.won is impossible at stage LEAD; possible: "):
        next_stage(Stage.LEAD, DealWon)
