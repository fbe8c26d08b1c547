"""How far a schema is, and how far this code needs it: the numbers of migrations' files.

Asked by serving at its start and by ``python -m SERVICE await-schema``. A schema that is further
than the code is fine, since migrations only expand. Imports no Alembic and changes nothing.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from chassis.database import Tx

PIPES = Path(__file__).parent / "migrations"
"""The history of chassis' own tables."""
CHASSIS_TABLE, SERVICE_TABLE = "chassis_version", "service_version"
"""Where Alembic keeps how far each history has gone in a schema."""

_NUMBERED = re.compile(r"(\d{4})_\w+\.py")


@dataclass(frozen=True, slots=True)
class Versions:
    """The newest migration of chassis' history and of the service's own; 0: none yet."""

    chassis: int
    service: int

    def reaches(self, needed: "Versions") -> bool:
        """Tell whether neither history is behind what is needed."""
        return self.chassis >= needed.chassis and self.service >= needed.service

    def __str__(self) -> str:
        return f"chassis {self.chassis:04} and service {self.service:04}"


def newest(migrations: Path | None) -> int:
    """Return the number of the newest file in the ``versions`` of a folder; 0: there is none."""
    if migrations is None:
        return 0
    named = (_NUMBERED.fullmatch(file.name) for file in (migrations / "versions").iterdir())
    return max((int(found[1]) for found in named if found), default=0)


def needed_by(migrations: Path | None) -> Versions:
    """Return what the code that is installed here needs; ``migrations`` is the service's folder."""
    return Versions(newest(PIPES), newest(migrations))


def lacking(schema: str, found: Versions, needed: Versions, service: str) -> str | None:
    """Say what a schema lacks and who brings it; None: nothing."""
    if found.reaches(needed):
        return None
    at = "has no tables of Baton yet" if found == Versions(0, 0) else f"is at {found}"
    return f"the schema {schema} {at}, this release needs {needed}: run python -m {service} migrate"


def works_elsewhere(url: str, found: str | None, schema: str) -> str:
    """Say that a role's tables are not those of the schema; ``url`` is the variable of its URL."""
    return (
        f"the role of {url} works in the schema {found or 'of nobody'}, BATON_POSTGRES_SCHEMA says "
        f"{schema}: that must be there, open to the role and first in its search_path"
    )


async def lacks(tx: Tx, schema: str, needed: Versions, service: str) -> str | None:
    """Ask PostgreSQL how far a schema is and say what it lacks; None: nothing."""
    place = await tx.fetch_one("SELECT current_schema() AS name")
    assert place is not None  # noqa: S101 - SELECT without FROM gives a row
    if place["name"] != schema:
        return works_elsewhere("BATON_POSTGRES_URL", place["name"], schema)
    try:
        chassis = await _version(tx, f"{schema}.{CHASSIS_TABLE}")
        own = await _version(tx, f"{schema}.{SERVICE_TABLE}")
    except asyncpg.InsufficientPrivilegeError:
        return f"the role of BATON_POSTGRES_URL may not read the tables of {schema}: grant it"
    return lacking(schema, Versions(chassis, own), needed, service)


async def _version(tx: Tx, table: str) -> int:
    found = await tx.fetch_one("SELECT to_regclass($1) IS NOT NULL AS there", table)
    if found is None or not found["there"]:
        return 0
    # The schema's name is a setting of letters, digits and _; SQL takes no parameter for it.
    row = await tx.fetch_one(f"SELECT max(version_num) AS newest FROM {table}")  # noqa: S608
    return int(row["newest"]) if row is not None and row["newest"] is not None else 0
