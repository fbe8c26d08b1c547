"""What a service is, as chassis sees it: its steps, its routes, the policies it owns.

A service's ``app.py`` makes one ``Service`` as a literal and hands it to chassis.entry.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from fastapi import APIRouter

from chassis.lanes.step import Step
from chassis.policies.owning import Outlet, PolicySource
from chassis.settings import Settings

if TYPE_CHECKING:
    from chassis.runtime import Runtime


class Companion(Protocol):
    """Something that runs beside the lanes, such as ingest's spool."""

    async def start(self) -> None:
        """Begin; returns at once."""
        ...

    async def stop(self) -> None:
        """End within a deadline."""
        ...

    def lacking(self) -> Sequence[str]:
        """Say, a sentence each, what must still happen before the process can do its work."""
        ...

    async def pending(self) -> int:
        """Return how much it has still to do, for stillness."""
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """One service as a literal."""

    name: str
    title: str
    settings: type[Settings] = Settings
    steps: Sequence[Step[Any, Any]] = ()
    migrations: Path | None = None
    """The folder that holds ``versions``."""
    owns: Sequence[PolicySource] = ()
    routers: Callable[["Runtime"], Sequence[APIRouter]] = lambda _: ()
    companions: Callable[["Runtime"], Sequence[Companion]] = lambda _: ()
    outlet: Callable[["Runtime"], Outlet] | None = None
    """How policies are said; None: by lane 0 of the first step."""
    log_keys: frozenset[str] = frozenset()
    """Keys that this service's log lines may have besides chassis' own; none about a person."""
    needs_postgres: bool = True
    """Off for a service that does its work while PostgreSQL is away, once it knows its policies."""
    idle_in_transaction_s: float = 10.0
    """After so long PostgreSQL cuts off a process that is frozen in a transaction."""
    commands: Mapping[str, Callable[[Sequence[str]], int]] = field(default_factory=dict)
    """``python -m SERVICE COMMAND …`` without a running system: name to function and exit code."""
