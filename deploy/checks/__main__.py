"""``python -m deploy.checks``: asks every check of every overlay and component, prints a table.

Exit code 1 where one found something, or where a tool is missing that a check needs.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.progress import track
from rich.table import Table

from deploy.checks.availability import single_points
from deploy.checks.belonging import strays
from deploy.checks.environment import unknown_settings
from deploy.checks.flows import differing_flows
from deploy.checks.manifests import Manifests
from deploy.checks.paths import misrouted_paths
from deploy.checks.pods import lax_pods
from deploy.checks.rendering import (
    DEPLOY,
    OVERLAYS,
    NotRendered,
    components,
    overlay,
    text_of,
)
from deploy.checks.schemas import misspelt
from deploy.checks.scored import NoTool, critical
from deploy.checks.secrets import unmounted_keys, written_secrets
from deploy.checks.stopping import short_graces
from deploy.checks.topics import differing_topics

Check = Callable[[Manifests], list[str]]

EVERYWHERE: tuple[Check, ...] = (
    misspelt,
    lax_pods,
    strays,
    unknown_settings,
    unmounted_keys,
    short_graces,
)
PRODUCTION: tuple[Check, ...] = (written_secrets, single_points, misrouted_paths, differing_flows)


@dataclass(frozen=True, slots=True)
class Asked:
    """One check of one thing that was rendered."""

    of: str
    check: str
    found: Sequence[str]


def asked() -> Iterator[Asked]:
    """Ask everything there is to ask, one after another. Raises NotRendered, NoTool."""
    texts = {name: text_of(DEPLOY / "overlays" / name) for name in OVERLAYS}
    for name, text in texts.items():
        manifests = Manifests.read(text)
        for check in EVERYWHERE + (PRODUCTION if name == "production" else ()):
            yield Asked(name, _said(check), check(manifests))
    yield Asked("production", "critical to kube-score", critical(texts["production"]))
    for each in components():
        manifests = overlay("production", with_components=[each])
        for check in (misspelt, lax_pods, *_OF_COMPONENTS.get(each, ())):
            yield Asked(f"component {each}", _said(check), check(manifests))


_OF_COMPONENTS: Mapping[str, tuple[Check, ...]] = {"kafka-topics": (differing_topics,)}


def _said(check: Check) -> str:
    return check.__name__.replace("_", " ")


def main() -> int:
    """Print what was asked and what was found."""
    console, table = Console(), Table("of", "asked for", "found", box=None)
    failed = False
    try:
        for each in track(asked(), "manifests", console=console, transient=True):
            failed |= bool(each.found)
            verdict = "[green]none[/]" if not each.found else f"[red]{len(each.found)}[/]"
            table.add_row(each.of, each.check, verdict)
            for line in each.found:
                table.add_row("", "", line)
    except (NotRendered, NoTool) as problem:
        console.print(str(problem), style="red", markup=False)
        return 1
    console.print(table)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
