"""A production installation on secured servers: what each pod of it is told.

Secrets stand in files, policies in a folder whose sources name their secrets' files, nothing is a
demo's. Everything that pods read lies in one folder that the image's user may read.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from baton.local.checkout import checkout
from baton.local.database import role_of
from baton.local.ports import SERVICE_PORTS, free_ports
from chassis.http.access_file import new_token
from chassis.http.principal import Scope
from tests.support.booting import image_account
from tests.support.secured import Secured

SERVICES = tuple(SERVICE_PORTS)
GOOGLE_KEY = "production-google-key"
PUBLIC = "https://leads.firm.example"
NOWHERE = "/nonexistent"


@dataclass(frozen=True)
class Installed:
    """What is told to the pods of one installation."""

    secured: Secured
    prefix: str
    folder: Path
    token: str
    ports: dict[str, int]
    temporary: Path
    """Where pods may write."""

    def command(self, service: str, *words: str) -> list[str]:
        return ["python", "-m", service.replace("-", "_"), *words]

    def environment(self, service: str) -> dict[str, str]:
        """Every variable of a pod of this service."""
        return {
            **self.secured.environment(),
            "BATON_MODE": "production",
            "BATON_INSTANCE": f"{service}-0",
            "BATON_PORT": str(self.ports[service]),
            "BATON_PUBLIC_URL": PUBLIC,
            "BATON_SECRET_FILE": self._secret("installation"),
            "BATON_KAFKA_PASSWORD_FILE": self._secret("kafka"),
            "BATON_POSTGRES_URL_FILE": self._secret(f"postgres-{service}"),
            "BATON_POSTGRES_SCHEMA": role_of(self.prefix, service),
            "BATON_ACCESS": self._secret("access.yaml"),
            "BATON_OIDC_ISSUER": "https://id.firm.example",
            "BATON_OIDC_AUDIENCE": "baton",
            "BATON_OIDC_ROLES": json.dumps({"baton-sales": ["read", "write"]}),
            "BATON_CONFIG": str(self.folder / "config"),
            "BATON_POLICIES": "files",
            "HOME": NOWHERE,
            "TMPDIR": str(self.temporary),
        }

    def _secret(self, name: str) -> str:
        return str(self.folder / "secrets" / name)


@contextmanager
def installed(secured: Secured, prefix: str) -> Iterator[Installed]:
    """Write down what pods read; schemas are empty then."""
    root = Path(tempfile.mkdtemp(prefix="baton-production-"))
    root.chmod(0o755)
    try:
        token = _write(root, secured, prefix)
        temporary = root / "tmp"
        temporary.mkdir(mode=0o700)
        ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
        image_account().own(temporary)
        yield Installed(secured, prefix, root, token, ports, temporary)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _write(root: Path, secured: Secured, prefix: str) -> str:
    """Write secrets, access and policies; returns a token with every scope."""
    secrets = root / "secrets"
    secrets.mkdir()
    shutil.copytree(checkout() / "config", root / "config")
    sources = root / "config" / "sources.yaml"
    text = sources.read_text(encoding="utf-8")
    assert "demo:demo-google-key" in text
    sources.write_text(
        text.replace("demo:demo-google-key", f"file:{secrets / 'google'}"), encoding="utf-8"
    )
    token, entry = new_token("operator", frozenset(Scope))
    with (secrets / "access.yaml").open("w", encoding="utf-8") as file:
        YAML().dump({"tokens": [entry.model_dump(mode="json", exclude_none=True)]}, file)
    told = {
        "installation": "i" * 48,
        "kafka": secured.kafka_password,
        "google": GOOGLE_KEY,
        **{f"postgres-{each}": secured.postgres_url(prefix, each) for each in SERVICES},
    }
    for name, value in told.items():
        (secrets / name).write_text(f"{value}\n", encoding="utf-8")
    for each in secrets.iterdir():
        each.chmod(0o400)
        image_account().own(each)
    return token
