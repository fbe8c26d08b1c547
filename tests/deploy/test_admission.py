"""A real API server takes what is shipped, without a warning, and refuses what it must."""

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.admission.building import PROGRAMS
from deploy.admission.judging import establish, judged
from deploy.admission.serving import api_server
from deploy.checks.manifests import Manifests
from deploy.checks.schemas import CRDS
from tests.deploy.seeding import container, seeded

BESIDE = Path(sys.executable).parent

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not all((BESIDE / name).exists() for name in PROGRAMS),
        reason="no API server was compiled: make deploy-admission",
    ),
    pytest.mark.skipif(not CRDS.is_dir(), reason="../shared/crds is not there"),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with api_server(BESIDE, tmp_path_factory.mktemp("api")) as client:
        assert establish(client, CRDS) == []
        yield client


def test_production_and_dev_are_taken_without_a_warning(
    cluster: httpx.Client, production: Manifests, dev: Manifests
) -> None:
    assert judged(cluster, production, "production") == []
    assert judged(cluster, dev, "dev") == []


def test_a_pod_that_is_not_restricted_is_refused(
    cluster: httpx.Client, production: Manifests
) -> None:
    lax = seeded(
        production,
        "Deployment",
        "scoring",
        lambda resource: container(resource).__setitem__("securityContext", {}),
    )

    found = judged(cluster, lax, "lax")

    assert any(line.startswith("Pod scoring-lax is refused") for line in found)
    assert any("violates PodSecurity" in line for line in found)


def test_an_unknown_field_is_refused(cluster: httpx.Client, production: Manifests) -> None:
    wrong = seeded(
        production, "Deployment", "ingest", lambda resource: resource["spec"].update(replica=3)
    )

    (found,) = judged(cluster, wrong, "wrong")

    assert "unknown field" in found or "replica" in found
