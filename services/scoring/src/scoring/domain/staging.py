"""At which stage a lead is: scoring owns LEAD and MQL, and takes routing's word for the rest.

Routing counts what it says of a lead over all its topics, so its last word is known whatever
order the topics are read in; words about an earlier cycle are heard and move nothing.
"""

from datetime import datetime

from contracts.events.activity import Activity
from contracts.events.kinds import Stage
from contracts.events.sql import LeadRouted
from scoring.domain.state import LeadState

_ENDS = (Stage.RECYCLED, Stage.DISQUALIFIED)


def stage_of(state: LeadState) -> Stage:
    """Return the stage."""
    word = state.word
    if word.routed > word.activity:
        # A customer who asks again goes to whoever looks after customers, and stays one.
        return Stage.CUSTOMER if word.stage is Stage.CUSTOMER else Stage.SQL
    if word.stage is not None:
        return word.stage
    return Stage.MQL if state.cycle else Stage.LEAD


def with_handover(state: LeadState, body: LeadRouted, version: int) -> LeadState:
    """Return the state after routing handed the lead to an owner."""
    if body.cycle != state.cycle or version <= state.word.routed:
        return state
    return state.model_copy(update={"word": state.word.model_copy(update={"routed": version})})


def with_activity(state: LeadState, body: Activity, version: int, at: datetime) -> LeadState:
    """Return the state after an activity of sales, which names the stage it left the lead at."""
    if body.cycle != state.cycle or version <= state.word.activity:
        return state
    word = state.word.model_copy(update={"activity": version, "stage": body.stage})
    ended = at if body.stage in _ENDS else state.ended_at
    return state.model_copy(update={"word": word, "ended_at": ended})
