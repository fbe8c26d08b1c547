"""Where one installation on this machine stands: folder, ports, addresses, prefixes.

Made once by each command from the environment, or by tests with values of their own; passed to
the supervisor. Starts nothing.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from baton.calling import call
from baton.local.account import Account, server_account
from baton.local.checkout import checkout
from baton.local.database import Database
from baton.local.home import Home
from baton.local.ports import SERVER_PORTS, SERVICE_PORTS, Ports, ports_of
from baton.local.postgres import embedded_database
from baton.local.trouble import Trouble

DEVELOPMENT, PRODUCTION = "development", "production"


@dataclass(frozen=True)
class Installation:
    """One BATON_HOME and what it is told."""

    home: Home
    ports: Ports
    account: Account
    config: Path
    topic_prefix: str = ""
    group_prefix: str = ""
    schema_prefix: str = ""
    kafka_advertised: str | None = None
    foreign_kafka: str | None = None
    """host:port,... of a Kafka that is there already: none is started."""
    foreign_postgres: str | None = None
    """The superuser's URL of a PostgreSQL that is there already: none is started."""

    @property
    def kafka_bootstrap(self) -> str:
        """Where services find Kafka."""
        return self.foreign_kafka or f"127.0.0.1:{self.ports['kafka']}"

    @property
    def database(self) -> Database:
        """The database, seen by its superuser."""
        database = embedded_database(self.home, self.ports["postgres"])
        if self.foreign_postgres is None:
            return database
        return Database(self.foreign_postgres, database.secret)


def new_or_known(environment: Mapping[str, str] = os.environ) -> Installation:
    """The installation that the environment names, its folders made. Raises Trouble."""
    _require_development(environment)
    home = Home.of_environment()
    home.create()
    return _told(home, environment)


def known(environment: Mapping[str, str] = os.environ) -> Installation:
    """The installation that the environment names. Raises Trouble where there is none yet."""
    home = Home.of_environment()
    if not home.run.is_dir() or not home.is_ours:
        message = f"nothing was started in {home.root} yet: run {call('up')}, or set BATON_HOME"
        raise Trouble(message)
    return _told(home, environment)


def _require_development(environment: Mapping[str, str]) -> None:
    mode = environment.get("BATON_MODE") or DEVELOPMENT
    if mode == DEVELOPMENT:
        return
    says = f"BATON_MODE is {mode!r}, and baton up runs the {DEVELOPMENT} installation: unset it"
    if mode == PRODUCTION:
        says += f"; {PRODUCTION} is deployed with manifests, "
        says += f"python -m SERVICE with BATON_MODE={PRODUCTION}"
    raise Trouble(says)


def _told(home: Home, environment: Mapping[str, str]) -> Installation:
    return Installation(
        home=home,
        ports=ports_of(home, SERVER_PORTS | SERVICE_PORTS, environment),
        account=server_account(),
        config=Path(environment.get("BATON_CONFIG") or checkout() / "config").absolute(),
        topic_prefix=environment.get("BATON_TOPIC_PREFIX", ""),
        group_prefix=environment.get("BATON_GROUP_PREFIX", ""),
        schema_prefix=environment.get("BATON_SCHEMA_PREFIX", ""),
        kafka_advertised=environment.get("BATON_KAFKA_ADVERTISED"),
        foreign_kafka=environment.get("BATON_KAFKA_BOOTSTRAP"),
        foreign_postgres=environment.get("BATON_POSTGRES_ADMIN_URL"),
    )
