"""Which services read which topic; its writer stands in ``topics``.

docs/asyncapi.yaml, docs/topics.md and docs/flow.md are made from it. Who is not Baton's own is
named in words: sales tools, alarms.
"""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.topics import (
    LEADS_MERGES,
    LEADS_MQL,
    LEADS_SCORED,
    LEADS_SQL,
    LEADS_TOUCHES,
    MARKETING_SOURCES,
    MARKETING_SPEND,
    MARKETING_TOUCHES,
    PARKED,
    POLICIES,
    PRIVACY,
    SALES_ACTIVITY,
    SALES_NOTICES,
    SALES_TEAM,
    SERVICES,
    SLA_BREACHES,
    SLA_CLOCKS,
    Topic,
)

READERS: Mapping[Topic, tuple[str, ...]] = MappingProxyType(
    {
        MARKETING_TOUCHES: ("scoring",),
        MARKETING_SPEND: ("insights",),
        MARKETING_SOURCES: ("routing", "insights"),
        LEADS_TOUCHES: ("scoring", "insights"),
        LEADS_MERGES: ("scoring", "routing", "sla-monitor", "insights"),
        LEADS_SCORED: ("routing", "insights"),
        LEADS_MQL: ("routing", "sla-monitor", "insights"),
        LEADS_SQL: ("scoring", "sla-monitor", "insights"),
        SALES_ACTIVITY: ("scoring", "sla-monitor", "insights"),
        SALES_TEAM: ("sla-monitor", "insights"),
        SALES_NOTICES: ("insights",),
        SLA_CLOCKS: ("routing", "insights"),
        SLA_BREACHES: ("routing", "insights"),
        POLICIES: SERVICES,
        PRIVACY: SERVICES,
        **dict.fromkeys(PARKED.values(), ("insights",)),
    }
)
"""Topic to the services of Baton that read it."""

OUTSIDE_READERS: Mapping[Topic, tuple[str, ...]] = MappingProxyType(
    {
        LEADS_SQL: ("sales tools",),
        SLA_BREACHES: ("sales and marketing tools",),
        **dict.fromkeys(PARKED.values(), ("alarms",)),
    }
)
"""Topic to those outside who read it."""


def writers_of(topic: Topic) -> tuple[str, ...]:
    """Return the services that write the topic: one, or all where each says its own part."""
    if topic == POLICIES:
        return ("ingest", "scoring", "routing", "sla-monitor")
    if topic == PRIVACY:
        return SERVICES
    return (topic.writer,)
