"""How a touch came: by its source, or by rules over its campaign tags. Pure."""

from collections.abc import Sequence

from contracts.facts import Facts
from ingest.domain.campaigns import Campaign
from ingest.domain.source import BY_UTM
from ingest.domain.sources import ChannelRule


def channel_of(
    said: str, rules: Sequence[ChannelRule], facts: Facts, campaign: Campaign | None = None
) -> str | None:
    """Return the channel; None where the source leaves it to rules and none is met.

    Where it is left to rules, what the list says of the campaign goes before them.
    """
    if said != BY_UTM:
        return said
    if campaign is not None and campaign.channel is not None:
        return campaign.channel
    for rule in rules:
        if rule.when is None or rule.when.ask(facts).met:
            return rule.channel
    return None
