"""What the process is told: its environment and its policy files."""

from pydantic import Field

from chassis.settings import Settings


class ScoringSettings(Settings):
    """Settings of scoring."""

    service: str = "scoring"
    port: int = Field(8002, ge=0, le=65_535)
