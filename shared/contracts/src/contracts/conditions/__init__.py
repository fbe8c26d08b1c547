"""Conditions of policies: CEL text, checked against facts and lists, asked of facts.

Policy models use `Condition` as a field type; deciders call `ask`. Holds no policy and no list.
"""

from contracts.conditions.condition import (
    MET,
    NOT_MET,
    Answer,
    Condition,
    Lists,
    May,
    Verdict,
)
from contracts.conditions.language import ConditionError

__all__ = [
    "MET",
    "NOT_MET",
    "Answer",
    "Condition",
    "ConditionError",
    "Lists",
    "May",
    "Verdict",
]
