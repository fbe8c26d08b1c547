"""Where the files of the project lie that running needs: deploy/local and config.

Called by the rooms that read those files. Reads no setting and writes nothing.
"""

from functools import cache
from pathlib import Path

from baton.local.trouble import Trouble


@cache
def checkout() -> Path:
    """The folder of this checkout, found from this file upwards.

    Raises Trouble where the package was installed without its checkout.
    """
    for folder in Path(__file__).resolve().parents:
        if (folder / "deploy" / "local" / "jgo.toml").is_file():
            return folder
    message = "deploy/local was not found: run baton from a checkout (uv sync installs it so)"
    raise Trouble(message)


def local_file(name: str) -> Path:
    """A file of deploy/local."""
    return checkout() / "deploy" / "local" / name
