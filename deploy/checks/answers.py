"""Is every placeholder of answers.env answered? Told with the line, before anything is applied."""

from collections.abc import Iterator
from pathlib import Path

_HOST = ".invalid"
_DIGEST = "sha256:" + 64 * "0"


def unanswered(file: Path) -> list[str]:
    """Say which answers are still placeholders, as ``file:line: KEY …``."""
    return [
        f"{file}:{number}: {key} is still a placeholder: put in {_what(value)}"
        for number, key, value in _answers(file)
        if _HOST in value or value == _DIGEST
    ]


def _what(value: str) -> str:
    return "the image's digest" if value == _DIGEST else "your own"


def _answers(file: Path) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            yield number, key, value
