"""Reps and pools as sales.team tells them."""

from typing import Any

from routing.domain.snapshots import snapshots
from tests.unit.routing.words import demo, rulebook


def test_every_rep_and_pool_is_told_whole() -> None:
    told: dict[str, Any] = {
        each.key(): each for each in snapshots(demo().team, None, {"team": "h"})
    }
    assert set(told) == {
        *("ana", "jonas", "mia", "priya", "tom"),
        *("emea", "americas", "key-accounts"),
    }
    assert (told["priya"].manager.name, told["priya"].calendar) == ("Marcus Cole", "boston")
    assert told["key-accounts"].calendar is None
    assert (told["emea"].members["ana"], told["emea"].overflow) == (2, "americas")


def test_who_is_gone_is_told_once_as_inactive() -> None:
    before, after = rulebook({"ana": 1, "mia": 1}).team, rulebook({"ana": 1}).team
    told: list[Any] = list(snapshots(after, before, {"team": "h"}))
    assert [(each.key(), each.active) for each in told] == [
        ("ana", True),
        ("one", True),
        ("mia", False),
    ]
    assert told[-1].pools == ()
