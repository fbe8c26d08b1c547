"""The door of every service's process: ``python -m SERVICE`` and its commands.

Reads settings, runs a command or serves until SIGTERM or SIGINT. A service's ``__main__`` calls
``main`` with its ``Service``.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence

import structlog

from chassis.awaiting import await_schema_now
from chassis.http.server import PortTaken, StartFailed, loop_factory
from chassis.installation import LanesDiffer
from chassis.lanes.progress import Progress
from chassis.policies.errors import PolicyRefused
from chassis.restoring import restored_now
from chassis.runtime import Runtime
from chassis.serving import Service
from chassis.settings import Settings, SettingsProblem, load
from chassis.stopping import end_after, stop_within_s
from chassis.telemetry import logs

log = structlog.get_logger()

_WATCH_S = 1.0
_GIVE_UP_S = 60.0
_STUCK = 70
_COMMANDS = ("migrate", "await-schema", "restored")
_REFUSED = 1
_FOR_PEOPLE = (SettingsProblem, LanesDiffer, PolicyRefused, PortTaken, StartFailed)
"""What is told in its own words, without a traceback."""


def main(service: Service, arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for and return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in service.commands:
        return service.commands[words[0]](words[1:])
    if words not in ([], *([each] for each in _COMMANDS)):
        known = ", ".join([*_COMMANDS, *service.commands])
        return _say(f"python -m {service.name}: no command {words[0]}; there are: {known}")
    os.environ.setdefault("BATON_SERVICE", service.name)
    if words == ["await-schema"]:
        return await_schema_now(service.name, service.migrations)
    try:
        return _run(service, words)
    except _FOR_PEOPLE as problem:
        return _say(str(problem))


def _run(service: Service, words: Sequence[str]) -> int:
    settings = load(service.settings)
    if words == ["migrate"]:
        return _migrate(service, settings)
    if words == ["restored"]:
        return _say(f"{service.name} speaks as {restored_now(settings)} from now on", code=0)
    logs.configure(
        log_format=settings.log_format,
        level=settings.log_level,
        service=service.name,
        instance=settings.instance,
        extra=service.log_keys,
    )
    return serve(service, settings)


def _migrate(service: Service, settings: Settings) -> int:
    from chassis.migrate import NotMigrated, migrate_now  # noqa: PLC0415 - serving needs no Alembic

    try:
        migrate_now(settings, service.migrations)
    except NotMigrated as problem:
        return _say(str(problem))
    return 0


def serve(service: Service, settings: Settings) -> int:
    """Serve until a signal; a second signal ends at once."""
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(_serve(service, settings))


async def _serve(service: Service, settings: Settings) -> int:
    for source in service.owns if settings.policies == "files" else ():
        source.read(settings.config)  # bad configuration is refused before anything is opened
    runtime = Runtime(service, settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stopper(stop))
    await runtime.start()
    watchdog = asyncio.create_task(_watch(runtime, stop))
    log.info("service.started", port=runtime.port)
    await stop.wait()
    end_after(stop_within_s(settings, service))
    watchdog.cancel()
    await runtime.stop()
    failure = runtime.failure()
    if isinstance(failure, _FOR_PEOPLE):
        raise failure
    log.info("service.stopped")
    return 0 if failure is None else _STUCK


def _stopper(stop: asyncio.Event) -> Callable[[], None]:
    def on_signal() -> None:
        if stop.is_set():
            os._exit(130)
        stop.set()

    return on_signal


async def _watch(runtime: Runtime, stop: asyncio.Event) -> None:
    """End the process where it is of no use: it failed, or a lane is stuck and gives no signal."""
    stuck_since: float | None = None
    while True:
        await asyncio.sleep(_WATCH_S)
        if runtime.failure() is not None:
            stop.set()
            return
        if runtime.probes.live():
            stuck_since = None
            continue
        stuck_since = stuck_since or time.monotonic()
        log.error("lane.stuck", state=Progress.STUCK.value)
        if time.monotonic() - stuck_since > _GIVE_UP_S:
            os._exit(_STUCK)


def _say(line: str, *, code: int = _REFUSED) -> int:
    sys.stderr.write(line + "\n")
    return code
