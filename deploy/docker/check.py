"""`make image-check`: builds the image of a service without Docker and starts it confined.

Run by hand, as root on Debian. With a Kafka and a PostgreSQL of its own and the environment that
deploy/compose.yaml gives: topics, migrate, serve until /readyz answers 200. Removes what it made.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ruamel.yaml import YAML

from baton.local.ports import free_ports
from baton.local.services import SERVICES
from deploy.docker.building import ROOT, Building, CheckFailed, Image
from deploy.docker.confining import Confined, figures, require_confined
from tests.deploy.servers.preparing import prepare
from tests.support.servers import Servers, own_servers

T = TypeVar("T")

_SHELLS = ("sh", "bash", "dash", "busybox", "perl", "cc", "gcc", "pip", "pip3", "uv")
_READY_WITHIN_S = 90.0
_STOP_WITHIN_S = 30.0


def main(words: Sequence[str]) -> int:
    """Check the images of the services named; return the exit code."""
    known = [service.name for service in SERVICES]
    if not words or not set(words) <= set(known):
        _say(f"usage: python -m deploy.docker.check SERVICE …; there are: {', '.join(known)}")
        return 2
    if os.geteuid() != 0 or not all(shutil.which(tool) for tool in ("buildah", "mmdebstrap")):
        _say("this needs root, buildah and mmdebstrap (make image-check installs both on Debian)")
        return 2
    folder = Path(tempfile.mkdtemp(prefix="baton-image-"))
    building = Building(folder)
    try:
        _timed("bases", building.make_bases)
        for service in words:
            image = _timed(f"build of {service}", partial(building.build, service))
            check_content(image, service)
            with own_servers() as servers:
                _prepare(servers)
                _start(image, service, servers, folder)
    except CheckFailed as problem:
        _say(str(problem))
        return 1
    finally:
        building.remove()
    return 0


def check_content(image: Image, service: str) -> None:
    """Nobody else's code, no shell, no compiler. Raises CheckFailed."""
    places = [image.root / place for place in ("bin", "usr/bin", "usr/local/bin", "app/.venv/bin")]
    found = [str(place / name) for place in places for name in _SHELLS if (place / name).exists()]
    [packages] = image.root.glob("app/.venv/lib/python3*/site-packages")
    others = {each.name.replace("-", "_") for each in SERVICES} - {service.replace("-", "_")}
    found += [
        name for name in ("baton", "tests", "bench", *sorted(others)) if (packages / name).exists()
    ]
    if found:
        raise CheckFailed(f"the image of {service} holds what it must not: {', '.join(found)}")
    labels = image.config["Labels"]
    _say(f"  {labels['org.opencontainers.image.title']}: {image.size / 1e6:.0f} MB unpacked")


def _prepare(servers: Servers) -> None:
    """Run the file that compose's PostgreSQL runs, with compose's passwords."""
    told = _composed("postgres")["environment"]
    prepare(
        servers.postgres_admin_url,
        {key: value for key, value in told.items() if key.endswith("_PASSWORD")},
    )


def _start(image: Image, service: str, servers: Servers, folder: Path) -> None:
    container = _composed(service)
    port = free_ports(1)[0]
    addresses = {
        "kafka:9092": servers.kafka_bootstrap,
        "postgres:5432": f"127.0.0.1:{servers.ports['postgres']}",
    }
    told = {
        key: _replaced(str(value), addresses) for key, value in container["environment"].items()
    } | {"BATON_PORT": str(port)}
    confined = Confined(
        image,
        {each["target"]: ROOT / "deploy" / each["source"] for each in container["volumes"]},
    )
    log = folder / f"{service}.log"
    entry = list(image.config["Entrypoint"])
    module = ["python", "-m", service.replace("-", "_")]
    for program in (
        ["python", "-m", "chassis", "topics"],
        [*entry, "migrate"],
        [*module, "migrate"],
    ):
        if confined.start(program, told, log).wait(120) != 0:
            raise _failed(f"{' '.join(program)} failed", log)
    begun = time.monotonic()
    process = confined.start(entry, told, log)
    try:
        _wait_ready(process, port, log)
        seconds, used = time.monotonic() - begun, figures(process)
        require_confined(process, int(image.config["User"].partition(":")[0]))
        if confined.start(container["healthcheck"]["test"][1:], told, log).wait(30) != 0:
            raise _failed("compose's health check does not find it ready", log)
        process.terminate()
        if process.wait(_STOP_WITHIN_S) != 0:
            raise _failed(f"SIGTERM ended it with {process.returncode}", log)
    finally:
        process.kill()
        process.wait()
    _say(
        f"  {service}: uid {image.config['User']}, root read-only, ready after {seconds:.1f} s and "
        f"{used.cpu_s:.1f} s of CPU; {used.resident / 1e6:.0f} MB resident "
        f"(at most {used.peak / 1e6:.0f} MB)"
    )


def _composed(service: str) -> dict[str, Any]:
    compose = YAML(typ="safe", pure=True).load(ROOT / "deploy/compose.yaml")
    container: dict[str, Any] = compose["services"][service]
    return container


def _replaced(text: str, addresses: dict[str, str]) -> str:
    for written, instead in addresses.items():
        text = text.replace(written, instead)
    return text


def _wait_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + _READY_WITHIN_S
    answer = "nothing listens"
    while time.monotonic() < until:
        if process.poll() is not None:
            raise _failed(f"it ended with {process.returncode}", log)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=3):
                return
        except urllib.error.HTTPError as unready:
            answer = unready.read().decode()
        except OSError:
            pass
        time.sleep(0.05)
    raise _failed(f"/readyz did not answer 200 within {_READY_WITHIN_S:.0f} s: {answer}", log)


def _failed(what: str, log: Path) -> CheckFailed:
    last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:])
    return CheckFailed(f"{what}:\n{last}")


def _timed(what: str, work: Callable[[], T]) -> T:
    begun = time.monotonic()
    done = work()
    _say(f"  {what}: {time.monotonic() - begun:.0f} s")
    return done


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
