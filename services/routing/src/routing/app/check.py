"""``python -m routing check CONFIG_DIR [--strict]``: what is wrong or odd in routing's policies.

Exit code 0 also with warnings, 1 with errors; with --strict a warning counts as an error.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from routing.app.files import findings

_STRICT = "--strict"


def check(arguments: Sequence[str]) -> int:
    """Print one line a finding, ``file:line:column: message``, and return the exit code."""
    folders = [each for each in arguments if not each.startswith("-")]
    unknown = [each for each in arguments if each.startswith("-") and each != _STRICT]
    if len(folders) != 1 or unknown:
        sys.stderr.write("usage: python -m routing check CONFIG_DIR [--strict]\n")
        return 2
    found = findings(Path(folders[0]))
    word = "" if _STRICT in arguments else "warning: "
    lines = [str(error) for error in found.errors]
    lines += [str(odd._replace(message=word + odd.message)) for odd in found.warnings]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if found.errors or (found.warnings and not word) else 0
