"""Every Kafka topic of Baton: who writes it, how it is keyed, how long it is kept.

Chassis creates them, the schemas and manifests are generated from them; nothing here opens one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

_PERSON_KEPT = timedelta(days=30)
_PARKED_KEPT = timedelta(days=90)


class Keyed(StrEnum):
    """What decides the partition of a record."""

    LEAD = "lead"
    """The lead id: the partition is the lead's lane."""
    IDENTITY = "identity"
    """An HMAC of what identifies a person; as many partitions as lanes."""
    OTHER = "other"
    """Something that concerns no lead; one partition, read by every lane."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic, by its name without an installation's prefix."""

    name: str
    keyed: Keyed
    writer: str
    says: str
    kept: timedelta | None = None
    max_bytes: int = 1_048_576

    @property
    def kafka_settings(self) -> Mapping[str, str]:
        """What Kafka is told of the topic; by whom it is made makes no difference."""
        kept_ms = -1 if self.kept is None else self.kept // timedelta(milliseconds=1)
        return {
            "message.timestamp.type": "LogAppendTime",  # else imported history is deleted at once
            "cleanup.policy": "delete",
            "retention.ms": str(kept_ms),
            "retention.bytes": "-1",
            "max.message.bytes": str(self.max_bytes),
        }

    @property
    def by_lane(self) -> bool:
        """Whether it has one partition a lane; else it has exactly one."""
        return self.keyed is not Keyed.OTHER


MARKETING_TOUCHES = Topic(
    "marketing.touches", Keyed.IDENTITY, "ingest", "What a person did with us.", _PERSON_KEPT
)
MARKETING_SPEND = Topic("marketing.spend", Keyed.OTHER, "ingest", "What advertising cost.")
MARKETING_SOURCES = Topic(
    "marketing.sources", Keyed.OTHER, "ingest", "Sources that fell silent or are heard again."
)
LEADS_TOUCHES = Topic(
    "leads.touches", Keyed.LEAD, "scoring", "Touches, resolved to a lead; facts only."
)
LEADS_MERGES = Topic("leads.merges", Keyed.LEAD, "scoring", "Leads found to be one, or not.")
LEADS_SCORED = Topic("leads.scored", Keyed.LEAD, "scoring", "A lead's score, as a snapshot.")
LEADS_MQL = Topic("leads.mql", Keyed.LEAD, "scoring", "Leads over the marketing bar.", _PERSON_KEPT)
LEADS_SQL = Topic(
    "leads.sql", Keyed.LEAD, "routing", "Leads handed to an owner, or why not.", _PERSON_KEPT
)
SALES_ACTIVITY = Topic("sales.activity", Keyed.LEAD, "routing", "What sales does with a lead.")
SALES_TEAM = Topic("sales.team", Keyed.OTHER, "routing", "Reps, pools, availability, credits.")
SALES_NOTICES = Topic("sales.notices", Keyed.LEAD, "routing", "What people were told.")
SLA_CLOCKS = Topic("sla.clocks", Keyed.LEAD, "sla-monitor", "Running promises and their ends.")
SLA_BREACHES = Topic("sla.breaches", Keyed.LEAD, "sla-monitor", "Promises that were not kept.")
POLICIES = Topic("policies", Keyed.OTHER, "owner of the kind", "Versions of policies.")
PRIVACY = Topic(
    "privacy", Keyed.LEAD, "scoring, then every service", "Erasures and their receipts."
)

SERVICES = ("ingest", "scoring", "routing", "sla-monitor", "insights")
PARKED = {
    service: Topic(
        f"{service}.parked",
        Keyed.OTHER,
        service,
        "Where a message was parked and why.",
        _PARKED_KEPT,
    )
    for service in SERVICES
}

TOPICS: tuple[Topic, ...] = (
    MARKETING_TOUCHES,
    MARKETING_SPEND,
    MARKETING_SOURCES,
    LEADS_TOUCHES,
    LEADS_MERGES,
    LEADS_SCORED,
    LEADS_MQL,
    LEADS_SQL,
    SALES_ACTIVITY,
    SALES_TEAM,
    SALES_NOTICES,
    SLA_CLOCKS,
    SLA_BREACHES,
    POLICIES,
    PRIVACY,
    *PARKED.values(),
)
