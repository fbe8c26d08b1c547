"""What kube-score thinks: no critical finding. Exceptions are annotations where they are made."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

_WITHIN_S = 60
_CRITICAL = 1


class NoTool(LookupError):  # noqa: N818 - the name says what is the matter
    """There is no kube-score on this machine."""


def kube_score() -> str | None:
    """Return the command, beside this Python or on the path; None where there is none."""
    beside = Path(sys.executable).parent / "kube-score"
    return str(beside) if beside.exists() else shutil.which("kube-score")


def critical(text: str) -> list[str]:
    """Return kube-score's critical findings about rendered manifests. Raises NoTool."""
    tool = kube_score()
    if tool is None:
        raise NoTool("kube-score was not found: make deploy-tools installs it")
    judged = subprocess.run(  # noqa: S603 - a tool of this machine, fed by us
        [tool, "score", "--output-format", "json", "-"],
        input=text,
        capture_output=True,
        text=True,
        timeout=_WITHIN_S,
        check=False,
    )
    return [
        f"{each['object_name']}: {check['check']['name']}: {comment['summary']}"
        for each in json.loads(judged.stdout)
        for check in each["checks"]
        if not check["skipped"] and check["grade"] <= _CRITICAL
        for comment in check["comments"] or [{"summary": check["check"]["comment"]}]
    ]
