"""The first line of every service's process; imports as little as what is asked needs.

``python -m SERVICE migrate`` and ``await-schema`` run before each start and must not pay for a web
server; everything else is chassis.entry's.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path


def enter(package: str, arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for of the service in ``package``; return the exit code.

    The package has its ``Service`` as ``app.SERVICE`` and its Alembic history in ``migrations``.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("BATON_SERVICE", package.replace("_", "-"))
    if words == ["migrate"]:
        return _migrate(package)
    if words == ["await-schema"]:
        from chassis.awaiting import await_schema_now  # noqa: PLC0415 - see above

        return await_schema_now(os.environ["BATON_SERVICE"], _migrations(package))
    from chassis.entry import main  # noqa: PLC0415 - see above

    return main(import_module(f"{package}.app").SERVICE, words)


def _migrate(package: str) -> int:
    from chassis.installation import LanesDiffer  # noqa: PLC0415 - see above
    from chassis.migrate import NotMigrated, migrate_now  # noqa: PLC0415 - see above
    from chassis.settings import Settings, SettingsProblem, load  # noqa: PLC0415 - see above

    try:
        migrate_now(load(Settings), _migrations(package))
    except (SettingsProblem, LanesDiffer, NotMigrated) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


def _migrations(package: str) -> Path:
    """Return the package's folder of migrations without importing the package."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(package)
    return Path(spec.origin).parent / "migrations"
