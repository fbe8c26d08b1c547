"""A kube-apiserver with its etcd, on loopback, for as long as a block lasts. Nothing runs pods."""

import secrets
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from baton.local.ports import free_ports

_READY_WITHIN_S = 90.0
_LOOK_EVERY_S = 0.25
_END_WITHIN_S = 15.0
_SHOWN = 1_000


class NotServing(Exception):  # noqa: N818 - it says what is wrong, for people
    """The API server did not become ready; the text is the end of its log."""


@contextmanager
def api_server(programs: Path, folder: Path) -> Iterator[httpx.Client]:
    """Run both; yields a client that may everything. Raises NotServing."""
    store, peers, port = free_ports(3)
    token = secrets.token_urlsafe(32)
    (folder / "tokens.csv").write_text(f'{token},admin,1,"system:masters"\n', encoding="ascii")
    (folder / "accounts.pem").write_bytes(_key())
    etcd = [
        str(programs / "etcd"),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls=http://127.0.0.1:{store}",
        f"--advertise-client-urls=http://127.0.0.1:{store}",
        f"--listen-peer-urls=http://127.0.0.1:{peers}",
    ]
    server = [
        str(programs / "kube-apiserver"),
        f"--etcd-servers=http://127.0.0.1:{store}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        f"--cert-dir={folder / 'certificates'}",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--service-account-issuer=https://baton.invalid",
        f"--service-account-key-file={folder / 'accounts.pem'}",
        f"--service-account-signing-key-file={folder / 'accounts.pem'}",
        # No controller makes service accounts' defaults here; pods name accounts of their own.
        "--disable-admission-plugins=ServiceAccount",
    ]
    with ExitStack() as stack:
        stack.enter_context(_running(etcd, folder / "etcd.log"))
        stack.enter_context(_running(server, folder / "kube-apiserver.log"))
        certificate = folder / "certificates" / "apiserver.crt"
        _wait(certificate.exists, folder)
        client = stack.enter_context(
            httpx.Client(
                base_url=f"https://127.0.0.1:{port}",
                headers={"authorization": f"Bearer {token}"},
                verify=ssl.create_default_context(cafile=certificate),
                trust_env=False,
                timeout=30,
            )
        )
        _wait(lambda: _ready(client), folder)
        yield client


def _ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").is_success
    except httpx.TransportError:
        return False


def _wait(there: Callable[[], bool], folder: Path) -> None:
    until = time.monotonic() + _READY_WITHIN_S
    while not there():
        if time.monotonic() > until:
            log = (folder / "kube-apiserver.log").read_text(encoding="utf-8", errors="replace")
            raise NotServing(f"kube-apiserver is not ready: {log[-_SHOWN:]}")
        time.sleep(_LOOK_EVERY_S)


@contextmanager
def _running(command: list[str], log: Path) -> Iterator[None]:
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:  # noqa: S603 - compiled by building.py
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(_END_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _key() -> bytes:
    key = generate_private_key(public_exponent=65_537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
