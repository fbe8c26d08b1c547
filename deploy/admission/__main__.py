"""``python -m deploy.admission``: exit code 1 where the API server refuses or warns of anything."""

import sys
import tempfile
from pathlib import Path

import httpx
from rich.console import Console

from deploy.admission.building import NotBuilt, build
from deploy.admission.judging import establish, judged
from deploy.admission.serving import NotServing, api_server
from deploy.checks.rendering import NotRendered, overlay
from deploy.checks.schemas import CRDS

_PROGRAMS = Path(sys.executable).parent


def main() -> int:
    """Judge both overlays, production with its topics."""
    console = Console()
    if not CRDS.is_dir():
        console.print("the CRDs of ../shared/crds are needed and not there", style="red")
        return 1
    try:
        with console.status("compiling kube-apiserver and etcd: minutes, the first time"):
            build(_PROGRAMS)
        with (
            tempfile.TemporaryDirectory() as folder,
            console.status("an API server judges"),
            api_server(_PROGRAMS, Path(folder)) as client,
        ):
            found = _verdicts(client)
    except (NotBuilt, NotServing, NotRendered) as problem:
        console.print(str(problem), style="red", markup=False)
        return 1
    for line in found:
        console.print(line, style="red", markup=False)
    console.print(f"{len(found)} refusals and warnings", style="red" if found else "green")
    return 1 if found else 0


def _verdicts(client: httpx.Client) -> list[str]:
    found = establish(client, CRDS)
    found += judged(client, overlay("production", with_components=["kafka-topics"]), "production")
    return found + judged(client, overlay("dev"), "dev")


if __name__ == "__main__":
    sys.exit(main())
