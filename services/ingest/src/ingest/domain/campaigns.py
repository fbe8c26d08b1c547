"""Names for the numbers that ad platforms send: the policy's list, spend rows, UTM tags. Pure.

``config/lists/campaigns.csv`` is read into the policy's content when it is published, so that no
decision depends on a file.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from contracts.lists import ListError

HEADER = ("id", "name", "channel", "owner")
MOST = 10_000


class Campaign(BaseModel):
    """One row of the list."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=False)

    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^@]+$")]
    channel: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,49}$")] | None = None
    owner: Annotated[str, StringConstraints(max_length=100)] | None = None
    """Whom to ask about it; a name or a team, read by people only."""


def parse_campaigns(rows: Iterable[tuple[int, list[str]]]) -> tuple[Campaign, ...]:
    """Return the campaigns of numbered rows, the header first. Raises ListError."""
    found: dict[str, Campaign] = {}
    for index, (line, cells) in enumerate(rows):
        if index == 0:
            if tuple(cells) != HEADER:
                raise ListError(f"the first line must be: {','.join(HEADER)}", line)
            continue
        if len(cells) != len(HEADER):
            raise ListError(f"expected {len(HEADER)} cells: {', '.join(HEADER)}", line)
        campaign = _campaign(cells, line)
        if campaign.id in found:
            raise ListError(f"the campaign {campaign.id} stands twice", line)
        found[campaign.id] = campaign
        if len(found) > MOST:
            raise ListError(f"a list has at most {MOST} campaigns", line)
    return tuple(found.values())


def _campaign(cells: list[str], line: int) -> Campaign:
    values = {name: cell for name, cell in zip(HEADER, cells, strict=True) if cell}
    try:
        return Campaign.model_validate(values)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        expected = {
            "channel": "small letters, digits and -, like paid-search",
            "name": "1 to 200 characters, without @",
        }.get(name, "1 to 200 characters")
        raise ListError(f"{name}: expected {expected}", line) from None


def campaign_name(
    campaign_id: str | None,
    utm: Mapping[str, str],
    listed: Mapping[str, Campaign],
    told: Mapping[str, str],
) -> str | None:
    """Return how people call the campaign: by the list, else as spend told it, else its UTM tag.

    A tag that is itself a known id is named too.
    """
    tag = utm.get("utm_campaign")
    for known in (campaign_id, tag):
        if known is not None and known in listed:
            return listed[known].name
    for known in (campaign_id, tag):
        if known is not None and known in told:
            return told[known]
    return tag
