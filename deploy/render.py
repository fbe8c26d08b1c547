"""``python -m deploy.render OVERLAY``: prints manifests to apply, once every answer can be right.

A placeholder that is left in answers.env is refused with its line; nothing is printed then.
"""

import os
import sys
from pathlib import Path

from deploy.checks.answers import wrong_answers
from deploy.checks.rendering import DEPLOY, OVERLAYS, NotRendered, text_of

_USAGE = f"usage: python -m deploy.render {{{','.join(OVERLAYS)}}} | kubectl apply -f -\n"


def main(words: list[str]) -> int:
    """Print the overlay; return 1 where it is refused, 2 where the words are wrong."""
    if len(words) != 1 or words[0] not in OVERLAYS:
        sys.stderr.write(_USAGE)
        return 2
    folder = DEPLOY / "overlays" / words[0]
    answers = Path(os.path.relpath(folder / "answers.env"))
    left = wrong_answers(answers) if answers.exists() else []
    if left:
        sys.stderr.write("".join(f"{line}\n" for line in left))
        return 1
    try:
        sys.stdout.write(text_of(folder))
    except NotRendered as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
