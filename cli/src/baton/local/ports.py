"""Which ports this installation uses: set by environment, else remembered, else the default.

Called before anything starts. Knows nothing of what listens there but its name.
"""

import os
import socket
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from baton.local.home import Home
from baton.local.trouble import Trouble

SERVER_PORTS = {
    "postgres": 5433,
    "kafka": 9092,
    "kafka-controller": 9093,
    "kafka-proxied": 9094,
}
SERVICE_PORTS = {
    "ingest": 8001,
    "scoring": 8002,
    "routing": 8003,
    "sla-monitor": 8004,
    "insights": 8005,
}
HIGHEST_PORT = 65535
_HELD: list[socket.socket] = []


@dataclass(frozen=True)
class Ports:
    """One port a name, all on 127.0.0.1."""

    of: Mapping[str, int]

    def __getitem__(self, name: str) -> int:
        return self.of[name]


def variable(name: str) -> str:
    """The environment variable that sets a port: sla-monitor -> BATON_SLA_MONITOR_PORT."""
    return f"BATON_{name.upper().replace('-', '_')}_PORT"


def ports_of(home: Home, defaults: Mapping[str, int], environment: Mapping[str, str]) -> Ports:
    """The ports to use. Raises Trouble for a value that is no port or is used twice."""
    kept = home.remembered("ports")
    chosen = {
        name: _port(name, environment.get(variable(name)) or kept.get(name) or str(default))
        for name, default in defaults.items()
    }
    by_port: dict[int, str] = {}
    for name, port in chosen.items():
        if port in by_port:
            message = (
                f"port {port} is given to {by_port[port]} and to {name}: "
                f"set {variable(name)} to another one"
            )
            raise Trouble(message)
        by_port[port] = name
    return Ports(chosen)


def remember_ports(home: Home, ports: Ports) -> None:
    """Keep the ports, so that later commands find the processes."""
    values = {name: str(port) for name, port in ports.of.items()}
    home.remember("ports", home.remembered("ports") | values)


def of_environment(home: Home) -> Ports:
    """The ports of servers and services by environment and memory."""
    return ports_of(home, SERVER_PORTS | SERVICE_PORTS, os.environ)


def require_free(ports: Ports, names: Iterable[str]) -> None:
    """Raise Trouble with the first port of these that somebody else listens on."""
    for name in names:
        if not is_free(ports[name]):
            message = (
                f"port {ports[name]} for {name} is taken by another program: "
                f"stop that, or set {variable(name)} to a free port"
            )
            raise Trouble(message)


def is_free(port: int) -> bool:
    """Whether nobody listens on 127.0.0.1:port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, all different; on Linux nobody is given them by chance.

    There the socket that found a port stays bound for the life of this process. A server binds
    beside it, since neither side listens there yet; but the kernel hands the port to nobody else,
    neither to another search nor to a connection that goes out, which may otherwise sit on a
    server's port while that server starts again.
    """
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    ports = [int(probe.getsockname()[1]) for probe in probes]
    if sys.platform == "linux":
        _HELD.extend(probes)
    else:
        for probe in probes:
            probe.close()
    return ports


def _port(name: str, text: str) -> int:
    if text.isdecimal() and 0 < int(text) <= HIGHEST_PORT:
        return int(text)
    message = f"{variable(name)} is {text!r}: give a port number from 1 to {HIGHEST_PORT}"
    raise Trouble(message)
