"""Servers as a firm runs them: Kafka by SASL_SSL with SCRAM-SHA-512, PostgreSQL by TLS.

A Kafka of its own; before the run's PostgreSQL stands a front that speaks TLS (see tls_front). All
on loopback, by the name localhost, with certificates of an authority made for the test.
"""

import os
import secrets
import shutil
import ssl
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from baton.local import kafka, processes
from baton.local.account import Account, server_account, server_folder
from baton.local.home import Home
from baton.local.ports import Ports, free_ports
from tests.support.servers import FOLDER, Servers
from tests.support.tls_front import tls_front

HOST = "localhost"
USER = "baton"
MECHANISM = "SCRAM-SHA-512"

_PORTS = ("kafka", "kafka-controller", "kafka-proxied")
"""For the broker itself, for its controller, and for clients."""

_SETTINGS = """
listeners=INSIDE://127.0.0.1:{inside},SECURED://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=INSIDE://127.0.0.1:{inside},SECURED://{host}:{port},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=INSIDE:PLAINTEXT,SECURED:SASL_SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INSIDE
sasl.enabled.mechanisms={mechanism}
listener.name.secured.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.secured.ssl.keystore.type=PEM
listener.name.secured.ssl.keystore.location={certificate}
"""


@dataclass(frozen=True)
class Broker:
    """The process, and the port on which it may be asked whether it serves."""

    home: Home
    process: processes.Running
    inside: int


@dataclass(frozen=True)
class Secured:
    """The running servers and what their clients need."""

    kafka_bootstrap: str
    kafka_user: str
    kafka_password: str
    ca: Path
    """PEM; every user may read it."""
    postgres_port: int
    broker: Broker

    def wait_kafka(self) -> None:
        """Return once Kafka serves; PostgreSQL does from the start."""
        kafka.wait_ready(self.broker.home, self.broker.process, self.broker.inside)


@contextmanager
def secured_servers(servers: Servers) -> Iterator[Secured]:
    """Begin to start what is secured; ``servers`` are the run's own, whose PostgreSQL is used.

    Kafka takes some seconds more: ``wait_kafka``.
    """
    authority = trustme.CA()
    inside, controller, port, postgres = free_ports(4)
    home = Home(Path(tempfile.gettempdir()) / f"{FOLDER}{os.getpid()}-{uuid.uuid4().hex[:6]}")
    home.create()
    ports = Ports(dict(zip(_PORTS, (inside, controller, port), strict=True)))
    own = Servers(home, ports, server_account())
    folder = Path(tempfile.mkdtemp(prefix="baton-ca-"))
    try:
        ca = folder / "ca.pem"
        authority.cert_pem.write_to_path(ca)
        folder.chmod(0o755)
        password = secrets.token_hex(16)
        process = _start_kafka(own, authority.issue_cert(HOST), password)
        broker = Broker(home, process, inside)
        front = authority.issue_cert(HOST)
        with tls_front(_context(front), postgres, ("127.0.0.1", servers.ports["postgres"])):
            yield Secured(f"{HOST}:{port}", USER, password, ca, postgres, broker)
    finally:
        own.remove()
        shutil.rmtree(folder, ignore_errors=True)


def _start_kafka(own: Servers, issued: trustme.LeafCert, password: str) -> processes.Running:
    home, account, ports = own.home, own.account, own.ports
    data = server_folder(home, account) / "kafka"
    data.mkdir(mode=0o700)
    account.own(data)
    certificate = data / "server.pem"
    certificate.touch(mode=0o600)
    certificate.write_bytes(_pem(issued))
    account.own(certificate)
    settings = data.with_name("kafka.properties")
    told = _SETTINGS.format(
        inside=ports["kafka"],
        controller=ports["kafka-controller"],
        host=HOST,
        port=ports["kafka-proxied"],
        mechanism=MECHANISM,
        certificate=certificate,
    )
    # Of two lines with one name the later counts.
    settings.write_text(kafka._settings(data / "log", ports, None) + told, encoding="utf-8")
    settings.chmod(0o644)
    java = [kafka._java(account), *kafka.JVM, *kafka._logging(data)]
    java += ["-cp", kafka._classpath(account, _deaf)]
    _format(account, java, settings, f"[name={USER},password={password}]")
    command = (*java, "kafka.Kafka", str(settings))
    program = processes.Program(kafka.NAME, command, kafka._environment(), Path("/"), account)
    return processes.start(home, program)


def _format(account: Account, java: list[str], settings: Path, user: str) -> None:
    tool = ["kafka.tools.StorageTool", "format", "--standalone", "--config", str(settings)]
    tool += ["--cluster-id", uuid.uuid4().hex[:22], "--add-scram", f"{MECHANISM}={user}"]
    done = account.run([*java, *tool])
    assert done.returncode == 0, done.stderr or done.stdout


def _pem(issued: trustme.LeafCert) -> bytes:
    """The key as PKCS #8, which is what Kafka reads, then the certificates."""
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return text + b"".join(blob.bytes() for blob in issued.cert_chain_pems)


def _context(issued: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issued.configure_cert(context)
    return context


def _deaf(_arrived: int) -> None:
    """Tests show no progress."""
