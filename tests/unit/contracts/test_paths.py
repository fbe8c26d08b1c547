"""Each path has one owner."""

import pytest

from contracts.events.kinds import PolicyKind
from contracts.paths import FIRST, KINDS, NoOwner, owner_of, prefixes
from contracts.topics import SERVICES


def test_no_prefix_has_a_second_owner_or_contains_another() -> None:
    all_of_them = [prefix for prefix, _ in prefixes()]
    assert len(all_of_them) == len(set(all_of_them))
    for one in all_of_them:
        assert not [other for other in all_of_them if other.startswith(f"{one}/")]


def test_every_prefix_leads_to_the_service_that_owns_it() -> None:
    for prefix, owner in prefixes():
        assert owner in SERVICES
        assert owner_of(prefix) == owner
        assert owner_of(f"{prefix}/deeper/still?and=query") == owner


def test_every_kind_of_policy_has_an_owner() -> None:
    assert set(KINDS) == set(PolicyKind)


def test_every_service_owns_something() -> None:
    assert set(FIRST) == set(SERVICES)


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/v1/sources/google-demo", "ingest"),
        ("/v1/track", "ingest"),
        ("/v1/t", "ingest"),
        ("/v1/search", "scoring"),
        ("/v1/leads/0b7e/activities", "routing"),
        ("/v1/breaches?after=x", "sla-monitor"),
        ("/v1/timelines?touch=x", "insights"),
        ("/v1/policies/team/versions", "routing"),
        ("/v1/backtests/sla", "sla-monitor"),
        ("/v1/admin/sla-monitor/lanes", "sla-monitor"),
        ("/try", "ingest"),
        ("/baton.js", "ingest"),
        ("/walk?touch=x", "insights"),
    ],
)
def test_a_path_has_this_owner(path: str, owner: str) -> None:
    assert owner_of(path) == owner


@pytest.mark.parametrize(
    "path", ["/", "", "/v1", "/v1/", "/v1/admin", "/v1/policies/weather", "/v2/leads", "/leads"]
)
def test_a_path_of_nobody_is_said_to_be_so(path: str) -> None:
    with pytest.raises(NoOwner):
        owner_of(path)
