"""Facts that systems tell: the latest of each fact holds, whatever order they are told in."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from contracts.event import Event, Mode
from contracts.events.resolved import FactsResolved
from contracts.events.scored import LeadScored
from contracts.facts import Facts
from contracts.ids import from_words
from scoring.domain.decide import on_facts, on_touch
from scoring.domain.state import LeadState
from tests.unit.scoring.made import LEAD, NOW, POLICY, said, touch

NAMES = ("custom.a", "custom.b", "company.employees")
Telling = tuple[int, dict[str, int]]
TELLINGS = st.lists(
    st.tuples(
        st.integers(0, 1_000),
        st.dictionaries(st.sampled_from(NAMES), st.integers(1, 9), min_size=1),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda each: each[0],
)


def event(telling: Telling) -> Event[FactsResolved]:
    minutes, facts = telling
    at = NOW + timedelta(minutes=minutes)
    body = FactsResolved(
        lead_id=LEAD,
        record_id=from_words("record", str(minutes)),
        source="crm",
        facts=Facts(facts),
        received_at=NOW,
        resolved_at=NOW,
    )
    return Event(from_words("event", str(minutes)), body, at, at, Mode.LIVE, None, 0)


@given(told=TELLINGS, data=st.data())
def test_an_older_fact_never_replaces_a_newer_one(told: list[Telling], data: st.DataObject) -> None:
    latest: dict[str, int] = {}
    for _, facts in sorted(told, key=lambda each: each[0]):
        latest |= facts
    state = LeadState()
    for telling in data.draw(st.permutations(told)):
        state = on_facts(state, event(telling), POLICY, NOW).state
    assert state.known.as_json() == latest


def test_a_fact_that_changes_no_points_is_told_with_a_score_all_the_same() -> None:
    first, *_ = said(on_touch(LeadState(), touch(), POLICY, NOW))
    state = on_touch(LeadState(), touch(), POLICY, NOW).state
    (scored,) = said(on_facts(state, event((5, {"custom.a": 1})), POLICY, NOW))
    assert isinstance(scored, LeadScored)
    assert scored.score == first.score
    assert scored.facts["custom.a"] == 1
