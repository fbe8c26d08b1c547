"""`baton verify [SERVICE…]`: every recorded decision is made again from history and compared.

Called by people and tests; the services do the work, in the background. Exit code 1 where a
decision came out otherwise, or where a service could not finish.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from baton.client import Client
from baton.commands.asking import Services, admin, ask_each, chosen, require_all
from baton.comparing import differing
from baton.local.trouble import Trouble
from baton.terminal import AsJson, console, show_json

LOOK_EVERY_S = 0.2
SHOWN = 5
"""Differences shown for each service; --json has all that the service keeps."""

Job = dict[str, Any]


def verify(services: Services = None, *, as_json: AsJson = False) -> None:
    """Re-derive every recorded decision and compare it byte for byte."""
    wanted = chosen(services)
    with Client.of_environment() as client:
        jobs = _run(client, wanted, Console(stderr=True))
    if as_json:
        show_json([{"service": service, **job} for service, job in jobs.items()])
    else:
        _print(jobs)
    require_all(wanted, jobs)
    if any(job["state"] != "equal" for job in jobs.values()):
        raise typer.Exit(1)


def _run(client: Client, services: tuple[str, ...], where: Console) -> dict[str, Job]:
    columns = (TextColumn("  {task.description}"), BarColumn(24), MofNCompleteColumn())
    jobs: dict[str, Job] = ask_each(services, lambda each: client.post(admin(each, "verify")))
    try:
        with Progress(
            *columns, console=where, transient=True, disable=not where.is_terminal
        ) as progress:
            bars = {service: progress.add_task(service, total=None) for service in jobs}
            while True:
                for service, bar in bars.items():
                    jobs[service] = _looked(client, service, jobs[service])
                    job = jobs[service]
                    progress.update(bar, completed=job["done"], total=job["total"])
                if not any(job["state"] == "running" for job in jobs.values()):
                    return jobs
                time.sleep(LOOK_EVERY_S)
    except KeyboardInterrupt:
        for service, job in jobs.items():
            client.ask("DELETE", admin(service, f"verify/{job['id']}"))
        raise


def _looked(client: Client, service: str, job: Job) -> Job:
    if job["state"] != "running":
        return job
    try:
        found: Job = client.get(admin(service, f"verify/{job['id']}"))
    except Trouble as trouble:
        return {**job, "state": "failed", "error": str(trouble)}
    return found


def _print(jobs: Mapping[str, Job]) -> None:
    out = console()
    for service, job in jobs.items():
        out.print(f"  {_sentence(service, job)}")
        for each in job["differences"][:SHOWN]:
            for line in _difference(each):
                out.print(f"      {line}", markup=False)


def _difference(each: Mapping[str, Any]) -> Iterator[str]:
    """Yield which decision it is and why, then the fields that came out otherwise."""
    recorded = dict(each["recorded"] or {})
    why = recorded.pop("why", None)
    key = f", key {each['key']}" if each["key"] else ""
    yield f"{each['decision']}{key}" + (f": {why}" if why else "")
    if each["derived"] is not None:
        yield from (f"  {line}" for line in differing(recorded, each["derived"]))


def _sentence(service: str, job: Job) -> str:
    count = f"{job['done']} decision{'' if job['done'] == 1 else 's'}"
    match job["state"]:
        case "equal":
            return f"[green]✓[/green] {service:<12} {count}, all equal"
        case "different":
            return f"[red]✗[/red] {service:<12} {count}, {job['different']} came out otherwise:"
        case state:
            why = f": {job['error']}" if job["error"] else ""
            return f"[red]✗[/red] {service:<12} {state} after {count}{why}"
