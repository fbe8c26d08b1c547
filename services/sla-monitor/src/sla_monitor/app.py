"""Wiring of sla-monitor: the only room that knows the others. Run by `__main__`."""

from pathlib import Path

from chassis.policies.owning import PolicySource
from chassis.serving import Service
from contracts.events.kinds import PolicyKind
from sla_monitor import api
from sla_monitor.consumer import CLOCKS
from sla_monitor.settings import SlaMonitorSettings, policy

SERVICE = Service(
    name="sla-monitor",
    title="Baton SLA monitor",
    settings=SlaMonitorSettings,
    steps=(CLOCKS,),
    migrations=Path(__file__).parent / "migrations",
    owns=(PolicySource(PolicyKind.SLA, policy.FILE, policy.read, policy.accept),),
    routers=lambda runtime: (api.router(runtime.database, runtime.settings),),
    commands={"check": policy.check},
)
