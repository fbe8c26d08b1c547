"""Wiring: the only room that knows the others; what routing is, as a literal."""

from pathlib import Path

from chassis.lanes.commands import LaneOutlet
from chassis.serving import Service
from routing.api import make_routers
from routing.app.check import check
from routing.app.files import SOURCES
from routing.app.outlet import TeamOutlet
from routing.consumer import STEP
from routing.settings import RoutingSettings

MIGRATIONS = Path(__file__).parent.parent / "migrations"

SERVICE = Service(
    name="routing",
    title="Routing",
    settings=RoutingSettings,
    steps=(STEP,),
    migrations=MIGRATIONS,
    owns=SOURCES,
    routers=lambda runtime: make_routers(runtime, STEP),
    outlet=lambda runtime: TeamOutlet(LaneOutlet(runtime.desk, STEP)),
    commands={"check": check},
    # All lanes wait for whoever stands frozen with the rotation locked.
    idle_in_transaction_s=2.0,
)
