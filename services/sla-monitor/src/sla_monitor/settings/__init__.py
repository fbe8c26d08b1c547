"""What a process of sla-monitor is told: its environment, and its policy file (`policy`)."""

from pydantic import Field

from chassis.settings import Settings


class SlaMonitorSettings(Settings):
    """The environment of sla-monitor."""

    service: str = "sla-monitor"
    port: int = Field(8004, ge=0, le=65_535)
