"""config/sla.yaml, read and checked: for publishing at the start, and for ``check``.

Opens that one file of the folder it is given; the model is `domain.policy`.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from chassis.policies import document
from chassis.policies.errors import PolicyError, PolicyRefused
from chassis.wording import why_unread
from sla_monitor.domain.policy import SlaPolicy

FILE = "sla.yaml"
_NO_LISTS = {"lists": frozenset[str]()}
"""Conditions of this policy ask no list: its content would have to hold them."""


def read(folder: Path) -> Mapping[str, Any]:
    """Return the canonical content of a folder's sla.yaml. Raises PolicyRefused."""
    path = folder / FILE
    try:
        found = document.read(path, str(path))
    except OSError as error:
        why = f"cannot be read, {why_unread(error)}: put the SLA policy here"
        raise PolicyRefused([PolicyError(str(path), 1, 1, (), why)]) from None
    return document.validate(found, SlaPolicy, _NO_LISTS).canonical()


def accept(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return content that came through the API as it is published. Raises PolicyRefused."""
    found = document.load(orjson.dumps(dict(content)), "content")
    return document.validate(found, SlaPolicy, _NO_LISTS).canonical()


def check(arguments: Sequence[str]) -> int:
    """``python -m sla_monitor check CONFIG_DIR``: say what is wrong; 0 where nothing is."""
    folders = [each for each in arguments if not each.startswith("--")]
    if len(folders) != 1:
        sys.stderr.write("usage: python -m sla_monitor check CONFIG_DIR\n")
        return 2
    try:
        read(Path(folders[0]))
    except PolicyRefused as refused:
        for error in refused.errors:
            sys.stdout.write(f"{error}\n")
        return 1
    return 0
