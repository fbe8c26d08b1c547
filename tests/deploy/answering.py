"""Answers put into a copy of production's answers.env."""

from pathlib import Path

from deploy.checks.rendering import copied


def answered(folder: Path, **answers: str) -> Path:
    """Copy all that Kustomize reads to ``folder``; return production there, with these answers.

    Every other one stays as shipped.
    """
    production = copied(folder) / "overlays" / "production"
    file = production / "answers.env"
    lines = []
    for line in file.read_text(encoding="utf-8").splitlines():
        key, equals, _ = line.partition("=")
        told = equals and key in answers
        lines.append(f"{key}={answers.pop(key)}" if told else line)
    assert not answers, f"answers.env does not ask for {', '.join(answers)}"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return production
