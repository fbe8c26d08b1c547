"""What a process of insights is told by its environment."""

from pydantic import Field

from chassis.settings import Settings


class InsightsSettings(Settings):
    """The environment of insights."""

    service: str = "insights"
    port: int = Field(8005, ge=0, le=65_535)
