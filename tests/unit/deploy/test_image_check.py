"""What `make image-check` judges by itself: an image's content, and what a build is told."""

from pathlib import Path

import pytest

from deploy.docker.building import CheckFailed, Image, bytes_of, for_downloads
from deploy.docker.check import check_content

PACKAGES = Path("app/.venv/lib/python3.13/site-packages")


@pytest.fixture
def image(tmp_path: Path) -> Image:
    for folder in ("chassis", "contracts", "sla_monitor"):
        (tmp_path / PACKAGES / folder).mkdir(parents=True)
    (tmp_path / "usr/bin").mkdir(parents=True)
    labels = {"org.opencontainers.image.title": "Baton sla-monitor"}
    return Image(root=tmp_path, config={"Labels": labels}, size=1)


def test_one_service_with_what_it_imports_is_as_it_should_be(image: Image) -> None:
    check_content(image, "sla-monitor")


@pytest.mark.parametrize(
    "seeded", ["usr/bin/sh", "usr/bin/gcc", str(PACKAGES / "routing"), str(PACKAGES / "baton")]
)
def test_a_shell_a_compiler_or_another_s_code_is_found(image: Image, seeded: str) -> None:
    (image.root / seeded).touch()
    with pytest.raises(CheckFailed, match=Path(seeded).name):
        check_content(image, "sla-monitor")


def test_a_build_is_told_of_registries_and_nothing_else(tmp_path: Path) -> None:
    bundle = tmp_path / "certs" / "bundle.crt"
    bundle.parent.mkdir()
    bundle.touch()
    lines, volumes = for_downloads(
        {
            "PIP_INDEX_URL": "https://name:it's@packages.example/simple",
            "SSL_CERT_FILE": str(bundle),
            "SSL_CERT_DIR": str(bundle.parent),
            "PIP_FIND_LINKS": str(tmp_path / "missing"),
            "UV_PROJECT_ENVIRONMENT": ".venv",
            "BATON_SECRET": "not for a build",
            "https_proxy": "http://proxy.example:3128",
        }
    )
    assert [line.partition("=")[0] for line in lines.splitlines()] == [
        "PIP_INDEX_URL",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "PIP_FIND_LINKS",
        "https_proxy",
    ]
    assert """PIP_INDEX_URL='https://name:it'"'"'s@packages.example/simple'""" in lines
    assert volumes == [f"--volume={bundle.parent}:{bundle.parent}:ro"]


@pytest.mark.parametrize(
    ("written", "size"), [("271 MB", 271_000_000), ("1.5 GB", 1_500_000_000), ("12 B", 12)]
)
def test_buildah_s_sizes_are_decimal(written: str, size: int) -> None:
    assert bytes_of(written) == size
