"""Kafka's jars: what deploy/local/jgo.lock.toml names, fetched once, checked by SHA-256.

Called by kafka.py before the first start. Resolves nothing: the lock is the whole list, so a start
asks the registry for these files only. `lock_jars.py` makes the lock.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from baton.local.checkout import local_file
from baton.local.trouble import Trouble

if TYPE_CHECKING:
    from jgo.maven import Artifact

LOCK = "jgo.lock.toml"
DOWNLOADS_AT_ONCE = 4
TIMEOUT_S = 30
TRIES = 3

Heard = Callable[[int], None]
"""Told the number of bytes that have just arrived."""


@dataclass(frozen=True)
class Jar:
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name in the folder of jars."""
        return f"{self.artifact}-{self.version}.jar"


def locked_jars() -> tuple[Jar, ...]:
    """The jars of the lock. Raises Trouble for one without a SHA-256."""
    from jgo.env import LockFile  # noqa: PLC0415 - slow to import, needed at the first start only

    jars = []
    for locked in LockFile.load(local_file(LOCK)).dependencies:
        if locked.sha256 is None:
            message = f"{LOCK} names {locked.artifactId} without a SHA-256: make the lock again"
            raise Trouble(message)
        jars.append(Jar(locked.groupId, locked.artifactId, locked.version, locked.sha256))
    return tuple(jars)


def jar_folder() -> Path:
    """Where the jars of this lock lie or will lie: one folder for all homes of this user."""
    lock = hashlib.sha256(local_file(LOCK).read_bytes()).hexdigest()[:16]
    return cache_folder() / f"kafka-{lock}"


def cache_folder() -> Path:
    """BATON_CACHE, else the user's cache folder. Nothing in it is missed when it is removed."""
    chosen = os.environ.get("BATON_CACHE")
    if chosen:
        return Path(chosen).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path(os.environ.get("HOME") or "/tmp") / ".cache"  # noqa: S108 - no HOME: a cache in /tmp is still one
    return Path(base) / "baton"


def fetch_jars(heard: Heard) -> Path:
    """The folder with all jars, fetched as far as they are missing. Raises Trouble.

    A folder appears whole under its name or not at all.
    """
    folder = jar_folder()
    if folder.is_dir():
        return folder
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        (draft / "fetched").mkdir(parents=True)
        with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
            jars = locked_jars()
            files = pool.map(lambda jar: _fetch(jar, draft / "fetched", heard), jars)
            for jar, file in zip(jars, files, strict=True):
                file.rename(draft / jar.name)
        shutil.rmtree(draft / "fetched")
        if not folder.is_dir():
            draft.rename(folder)
    except OSError as error:
        message = (
            f"{error.filename} cannot be written ({error.strerror}): "
            "set BATON_CACHE to a folder that can be"
        )
        raise Trouble(message) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def _fetch(jar: Jar, folder: Path, heard: Heard) -> Path:
    """One jar, checked. A transfer that breaks is tried again, and so is a file that is another."""
    failure = "it is not the file that the lock names"
    for _ in range(TRIES):
        artifact = _artifact(jar, folder, heard)
        try:
            file = artifact.resolve()
            if hashlib.sha256(file.read_bytes()).hexdigest() == jar.sha256:
                return file
        except (OSError, RuntimeError) as error:
            if getattr(error, "errno", None) is not None:
                raise  # the disk, not the network
            failure = type(error).__name__
        if artifact.cached_path is not None:
            artifact.cached_path.unlink(missing_ok=True)
    message = (
        f"{jar.name} could not be fetched ({failure}): the first start needs the network "
        "(Maven Central; BATON_MAVEN_URL names a mirror), later ones do not"
    )
    raise Trouble(message)


def _artifact(jar: Jar, folder: Path, heard: Heard) -> "Artifact":
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - see locked_jars

    @contextmanager
    def progress(_name: str, _size: int) -> Iterator[Heard]:
        yield heard

    mirror = os.environ.get("BATON_MAVEN_URL")
    context = MavenContext(
        resolver=PythonResolver(progress_callback=progress),
        repo_cache=folder,
        remote_repos={"mirror": mirror.rstrip("/")} if mirror else None,
        timeout=TIMEOUT_S,
    )
    return context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
