"""Both overlays and the components, rendered once for all tests of this folder."""

import pytest

from deploy.checks.manifests import Manifests
from deploy.checks.rendering import kustomize, overlay


@pytest.fixture(scope="session", autouse=True)
def _kustomize() -> None:
    if kustomize() is None:
        pytest.skip("neither kustomize nor kubectl was found: make deploy-tools installs one")


@pytest.fixture(scope="session")
def production(_kustomize: None) -> Manifests:
    return overlay("production", with_components=["kafka-topics"])


@pytest.fixture(scope="session")
def dev(_kustomize: None) -> Manifests:
    return overlay("dev")
