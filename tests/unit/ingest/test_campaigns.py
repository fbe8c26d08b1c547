"""Campaigns have names for people, whoever told them."""

from pathlib import Path

import pytest

from chassis.policies.errors import PolicyRefused
from contracts.lists import ListError, rows
from ingest.domain.campaigns import campaign_name, parse_campaigns
from ingest.domain.sources import SourcesPolicy
from ingest.settings.policy import accept_sources, read_sources

LIST = 'id,name,channel,owner\n42,"Search, UK",paid-search,Ines\nautumn,Autumn webinar,,\n'
LISTED = {each.id: each for each in parse_campaigns(rows(LIST))}
POLICY = "policy: sources\nsources: {}\ncampaigns: lists/campaigns.csv\n"


@pytest.mark.parametrize(
    ("campaign", "tag", "name"),
    [
        ("42", "x", "Search, UK"),
        ("44", "spring", "spring"),
        (None, "autumn", "Autumn webinar"),
        ("44", None, None),
        ("7", "spring", "Brand, DE"),
        ("8", "7", "Brand, DE"),
        ("42", "7", "Search, UK"),
    ],
)
def test_the_list_goes_before_what_spend_told_and_that_before_the_tag(
    campaign: str | None, tag: str | None, name: str | None
) -> None:
    utm = {} if tag is None else {"utm_campaign": tag}

    assert campaign_name(campaign, utm, LISTED, {"7": "Brand, DE", "42": "Other"}) == name


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("name,id\n", 1, "id,name,channel,owner"),
        ("id,name,channel,owner\n1,a\n", 2, "expected 4 cells"),
        ("id,name,channel,owner\n1,a,,\n1,b,,\n", 3, "stands twice"),
        ("id,name,channel,owner\n,a,,\n", 2, "id: expected"),
        ("id,name,channel,owner\n1,a,Paid Search,\n", 2, "channel: expected small letters"),
        ("id,name,channel,owner\n1,maya@b.example,,\n", 2, "without @"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_with_its_line(
    text: str, line: int, said: str
) -> None:
    with pytest.raises(ListError) as refused:
        parse_campaigns(rows(text))

    assert refused.value.line == line
    assert said in refused.value.message


def test_what_is_published_holds_the_rows_of_the_list(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "sources.yaml").write_text(POLICY)
    with pytest.raises(PolicyRefused, match=r"no file lists/campaigns\.csv"):
        read_sources(tmp_path)
    (tmp_path / "lists/campaigns.csv").write_text(LIST)
    content = read_sources(tmp_path)

    assert content["campaigns"] == [
        {"id": "42", "name": "Search, UK", "channel": "paid-search", "owner": "Ines"},
        {"id": "autumn", "name": "Autumn webinar"},
    ]
    assert accept_sources(content) == content
    assert SourcesPolicy.model_validate(content).listed["42"].name == "Search, UK"
    with pytest.raises(ValueError, match="rows"):
        accept_sources({**content, "campaigns": "lists/campaigns.csv"})
    (tmp_path / "lists/campaigns.csv").write_text(LIST + "42,again,,\n")
    with pytest.raises(PolicyRefused, match=r"lists/campaigns\.csv:4"):
        read_sources(tmp_path)
