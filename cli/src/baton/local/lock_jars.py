"""Makes deploy/local/jgo.lock.toml from jgo.toml: `python -m baton.local.lock_jars`.

For whoever raises Kafka's version. Asks the registry for the whole tree; never called by a start.
"""

import tempfile
from pathlib import Path

from jgo.env import EnvironmentBuilder, EnvironmentSpec, LockFile
from jgo.maven import MavenContext

from baton.local.checkout import local_file
from baton.local.jars import LOCK, TIMEOUT_S


def main() -> None:
    """Resolve, fetch, hash, write."""
    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder), timeout=TIMEOUT_S)
        spec = EnvironmentSpec.load(local_file("jgo.toml"))
        wanted = EnvironmentBuilder(context, cache_dir=Path(folder)).spec_to_dependencies(spec)
        named, others = context.resolver.resolve(wanted)
        found = sorted([*named, *others], key=lambda found: (found.groupId, found.artifactId))
        lock = LockFile.from_resolved_dependencies(found, environment_name=spec.name)
        lock.save(local_file("jgo.toml").with_name(LOCK))


if __name__ == "__main__":
    main()
