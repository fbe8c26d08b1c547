"""Facts: what decisions may see of a lead, and never who the lead is.

Every service reads and writes facts through here. Person data (name, e-mail address, phone,
postal address, free text) has no fact and is refused.
"""

from contracts.facts.checking import FactsError, FactValue, clean_text
from contracts.facts.page import markdown
from contracts.facts.registry import FACTS, Fact, Kind, fact_named, is_custom, nearest
from contracts.facts.values import Facts

__all__ = [
    "FACTS",
    "Fact",
    "FactValue",
    "Facts",
    "FactsError",
    "Kind",
    "clean_text",
    "fact_named",
    "is_custom",
    "markdown",
    "nearest",
]
