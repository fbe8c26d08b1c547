"""Wiring: the only room that knows the others. Importing it opens nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from weakref import WeakKeyDictionary

from fastapi import APIRouter

from chassis.kafka.sender import Sender
from chassis.policies.checking import check_command
from chassis.policies.owning import Outlet, PolicySource
from chassis.runtime import Runtime
from chassis.serving import Companion, Service
from contracts.events.kinds import PolicyKind
from ingest.api.admin import admin_router
from ingest.api.answers import Desk
from ingest.api.fetching import fetching_router
from ingest.api.finding import finding_router
from ingest.api.limiting import Limiter
from ingest.api.segment import segment_router
from ingest.api.sources import sources_router
from ingest.api.systems import systems_router
from ingest.api.touches import touches_router
from ingest.api.trying import try_router
from ingest.api.web import web_router
from ingest.domain.secrets import Sealer
from ingest.settings import IngestSettings
from ingest.settings.policy import FILE, accept_sources, read_sources, require_secrets
from ingest.settings.secrets import read_secret
from ingest.store.attempts import Attempts
from ingest.store.in_force import InForce
from ingest.store.keeping import Keeper
from ingest.store.reception import Reception
from ingest.store.spool import SpoolOutlet
from ingest.worker.backfiller import Backfiller
from ingest.worker.bookkeeper import Bookkeeper
from ingest.worker.fetcher import Fetcher
from ingest.worker.platform_client import PlatformClient
from ingest.worker.retaker import Retaker
from ingest.worker.sweeper import Sweeper


@dataclass(frozen=True, slots=True)
class _Parts:
    """What one process of ingest is made of, beside chassis' own."""

    desk: Desk
    sender: Sender


_PARTS: WeakKeyDictionary[Runtime, _Parts] = WeakKeyDictionary()


def _parts(runtime: Runtime) -> _Parts:
    """Return the parts of a process; doors and worker share them."""
    if runtime not in _PARTS:
        settings = runtime.settings
        if not isinstance(settings, IngestSettings):
            raise TypeError("ingest runs with IngestSettings")
        sender = Sender(settings, idempotent=False)
        keeper = Keeper(
            runtime.database,
            sender,
            runtime.meters,
            lanes=settings.lanes,
            within_s=settings.kafka_within_s,
        )
        secret = settings.secret.get_secret_value().encode()
        sealer = Sealer(secret)
        reader = partial(read_secret, production=settings.production)
        reception = Reception(
            runtime.database,
            runtime.clock,
            InForce(runtime.book, reader, runtime.database, sealer),
            keeper,
            secret,
            Attempts(runtime.meters),
        )
        desk = Desk(settings, reception, sealer, Limiter())
        _PARTS[runtime] = _Parts(desk, sender)
    return _PARTS[runtime]


def _routers(runtime: Runtime) -> Sequence[APIRouter]:
    desk = _parts(runtime).desk
    return [
        sources_router(desk),
        segment_router(desk),
        systems_router(desk),
        touches_router(desk),
        fetching_router(desk),
        admin_router(desk),
        finding_router(desk),
        try_router(desk),
        web_router(),
    ]


def _companions(runtime: Runtime) -> Sequence[Companion]:
    settings, parts = runtime.settings, _parts(runtime)
    if settings.policies == "files":
        require_secrets(settings.config, production=settings.production)
    client = PlatformClient()
    return [
        Fetcher(parts.desk.reception, client, runtime.meters),
        Backfiller(parts.desk.reception, client),
        Retaker(parts.desk.reception),
        Sweeper(
            runtime.database,
            parts.sender,
            parts.desk.keeper,
            runtime.book,
            runtime.clock,
            kafka_first_s=parts.desk.settings.kafka_first_s,
        ),
        Bookkeeper(parts.desk.reception, runtime.book),
    ]


def _outlet(_: Runtime) -> Outlet:
    return SpoolOutlet()


_OWNS = (PolicySource(PolicyKind.SOURCES, FILE, read_sources, accept_sources),)

SERVICE = Service(
    name="ingest",
    title="Baton: ingest",
    settings=IngestSettings,
    migrations=Path(__file__).parent / "migrations",
    owns=_OWNS,
    routers=_routers,
    companions=_companions,
    outlet=_outlet,
    needs_postgres=False,
    commands={"check": check_command(_OWNS)},
)
