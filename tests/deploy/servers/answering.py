"""Production's answers.env, answered for the servers of a test, and rendered."""

from pathlib import Path

from deploy.checks.manifests import Manifests
from deploy.checks.rendering import copied, rendered


def answered(folder: Path, **answers: str) -> Manifests:
    """Return production with these answers; every other one stays as shipped."""
    production = copied(folder) / "overlays" / "production"
    file = production / "answers.env"
    lines = []
    for line in file.read_text(encoding="utf-8").splitlines():
        key, equals, _ = line.partition("=")
        told = equals and key in answers
        lines.append(f"{key}={answers.pop(key)}" if told else line)
    assert not answers, f"answers.env does not ask for {', '.join(answers)}"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return rendered(production)
