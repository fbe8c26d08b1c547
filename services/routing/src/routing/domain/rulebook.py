"""The policies of one decision as one value: rules, team, calendars, lists and their hashes.

Built by chassis from the versions in force; decide.py and choice.py read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.calendars import Calendar, Calendars
from contracts.lists import ListsContent
from routing.domain.rules import RoutingPolicy
from routing.domain.team import TeamPolicy

KINDS = ("routing", "team", "calendars", "lists")


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What a routing decision rests on."""

    routing: RoutingPolicy
    team: TeamPolicy
    calendars: Mapping[str, Calendar]
    """A name that is not here is never open: versions of two files may pass each other."""
    lists: Mapping[str, frozenset[str]]
    hashes: Mapping[str, str]
    """Kind to the hash of its version."""


def build(contents: Mapping[str, Any], hashes: Mapping[str, str]) -> Rulebook:
    """Return the rulebook of published contents. Raises ValidationError for a foreign content."""
    calendars = Calendars.model_validate(contents["calendars"])
    return Rulebook(
        routing=RoutingPolicy.model_validate(contents["routing"]),
        team=TeamPolicy.model_validate(contents["team"]),
        calendars={name: rule.calendar for name, rule in calendars.rules.items()},
        lists=ListsContent.model_validate(contents["lists"]).sets,
        hashes=dict(hashes),
    )
