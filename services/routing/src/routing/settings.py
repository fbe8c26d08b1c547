"""Routing's settings: those of every service, with its own name and port."""

from pydantic import Field

from chassis.settings import Settings


class RoutingSettings(Settings):
    """Environment to frozen values; see chassis.settings."""

    service: str = "routing"
    port: int = Field(8003, ge=0, le=65_535)
