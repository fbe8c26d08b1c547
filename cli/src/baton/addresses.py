"""Where each service's API is, and with which token it is asked.

Called by the client. BATON_<SERVICE>_URL, else BATON_URL for all behind one host, else the port
that BATON_HOME remembers on this machine. The token: BATON_TOKEN, else the home's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from baton.calling import call, near
from baton.local.home import Home
from baton.local.ports import SERVICE_PORTS, Ports, ports_of
from baton.local.trouble import Trouble

ONE_FOR_ALL = "BATON_URL"
TOKEN = "BATON_TOKEN"  # noqa: S105 - the name of a variable
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def variable(service: str) -> str:
    """The environment variable of a service's address: sla-monitor -> BATON_SLA_MONITOR_URL."""
    return f"BATON_{service.upper().replace('-', '_')}_URL"


@dataclass(frozen=True)
class Addresses:
    """The APIs of one installation."""

    home: Home
    ports: Ports
    environment: Mapping[str, str]

    @classmethod
    def of(cls, home: Home, environment: Mapping[str, str]) -> "Addresses":
        """Addresses by environment and by what the home remembers. Raises Trouble."""
        return cls(home, ports_of(home, SERVICE_PORTS, environment), environment)

    def url(self, service: str) -> str:
        """Return the base URL without a slash at its end. Raises Trouble for what is none."""
        name = variable(service)
        told = self.environment.get(name) or self.environment.get(ONE_FOR_ALL)
        if not told:
            return f"http://127.0.0.1:{self.ports[service]}"
        parts = urlsplit(told)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            set_by = name if self.environment.get(name) else ONE_FOR_ALL
            raise Trouble(f"{set_by} is no address: give one like http://host:8002")
        return told.rstrip("/")

    def token(self) -> str:
        """Return the token. Raises Trouble where there is none."""
        told = self.environment.get(TOKEN)
        if told:
            return told.strip()
        try:
            return self.home.token.read_text(encoding="ascii").strip()
        except FileNotFoundError as error:
            message = f"there is no token in {self.home.token}: run {call('up')}, or set {TOKEN}"
            raise Trouble(message) from error
        except (OSError, UnicodeDecodeError) as error:
            message = f"{self.home.token} cannot be read: set {TOKEN} to a token"
            raise Trouble(message) from error

    def token_way_out(self) -> str:
        """Return where the token that was refused came from, and what to do about it."""
        file = near(self.home.token)
        if self.environment.get(TOKEN):
            return f"The token of {TOKEN} was sent: unset it to use that in {file}, or set another."
        return f"The token in {file} was sent: is it this installation's? {TOKEN} sets another."


def is_local(url: str) -> bool:
    """Whether an address is on this machine's loopback: no proxy stands between."""
    return urlsplit(url).hostname in LOOPBACK
