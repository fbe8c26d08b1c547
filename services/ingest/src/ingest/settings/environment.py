"""The environment as frozen values. Every variable begins with BATON_."""

from pydantic import Field

from chassis.settings import Settings, Url


class IngestSettings(Settings):
    """Settings of ingest."""

    service: str = "ingest"
    port: int = Field(8001, ge=0, le=65_535)
    insights_public_url: Url | None = None
    """Where people see insights; in development the walk is shown there."""
    kafka_within_s: float = Field(0.3, gt=0, le=10)
    """How long Kafka may take to acknowledge a touch before it goes to the spool."""
    kafka_first_s: float = Field(10.0, ge=0, le=300)
    """How long a new instance waits for Kafka before it is ready with its spool alone."""
