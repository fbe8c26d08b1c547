"""The services of Baton as processes: which there are, how they are started, what they are told.

Called by the supervisor. Knows a service's command and port, never its code.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from baton.local.database import role_of
from baton.local.installation import Installation

LANES = "4"


@dataclass(frozen=True)
class Service:
    """One service process. The commands are arguments so that tests can bring small ones."""

    name: str
    serve: tuple[str, ...]
    migrate: tuple[str, ...] | None
    instance: int = 0

    @property
    def process(self) -> str:
        """The name of its record, its log and its port."""
        return self.name if self.instance == 0 else f"{self.name}-{self.instance}"


def python_service(name: str) -> Service:
    """A service of this repository: `python -m sla_monitor` for sla-monitor."""
    module = name.replace("-", "_")
    run = (sys.executable, "-m", module)
    return Service(name=name, serve=run, migrate=(*run, "migrate"))


SERVICES = tuple(
    python_service(name) for name in ("ingest", "scoring", "routing", "sla-monitor", "insights")
)
TOPICS = (sys.executable, "-m", "chassis", "topics")
"""Makes or checks the topics, once, before the first service."""


def environment(
    installation: Installation, service: Service, postgres_url: str
) -> Mapping[str, str]:
    """What a service process is told: the caller's environment, then what this one needs."""
    port = installation.ports[service.process]
    told = common(installation)
    insights = installation.ports.of.get("insights")
    if insights is not None:
        # Where ingest sends a visitor of its form in development: the page with the lead's walk.
        told["BATON_INSIGHTS_PUBLIC_URL"] = public_url("insights", insights, os.environ)
    return told | {
        "BATON_POSTGRES_URL": postgres_url,
        "BATON_POSTGRES_SCHEMA": role_of(installation.schema_prefix, service.name),
        "BATON_INSTANCE": f"{service.name}-{service.instance}",
        "BATON_HOST": "127.0.0.1",
        "BATON_PORT": str(port),
        "BATON_PUBLIC_URL": public_url(service.name, port, os.environ),
    }


def common(installation: Installation) -> dict[str, str]:
    """What every process of the installation is told."""
    home = installation.home
    return dict(os.environ) | {
        "BATON_HOME": str(home.root),
        "BATON_MODE": "development",
        "BATON_KAFKA_BOOTSTRAP": installation.kafka_bootstrap,
        "BATON_TOPIC_PREFIX": installation.topic_prefix,
        "BATON_GROUP_PREFIX": installation.group_prefix,
        "BATON_LANES": os.environ.get("BATON_LANES", LANES),
        "BATON_ACCESS": str(home.access),
        "BATON_CONFIG": str(installation.config),
        "BATON_POLICIES": os.environ.get("BATON_POLICIES", "files"),
        "BATON_SECRET_FILE": str(home.secret),
        "BATON_LOG_FORMAT": "json",
        "PYTHONUNBUFFERED": "1",
    }


def public_url(service: str, port: int, told: Mapping[str, str]) -> str:
    """What people and senders see: one's own setting, else the one for all, else the local port."""
    own = f"BATON_{service.upper().replace('-', '_')}_PUBLIC_URL"
    return told.get(own) or told.get("BATON_PUBLIC_URL") or f"http://localhost:{port}"
