"""Writes what is generated from the events, or with --check says what is not current.

Run from the root of the checkout: ``python -m contracts.generate [--check]``. It refuses to write
a breaking change of a schema: raise the event's VERSION and keep the old class in ``TYPES``.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from contracts.body import Body
from contracts.compatibility import breaks
from contracts.events import TYPES
from contracts.facts import markdown
from contracts.generate.asyncapi import as_yaml, document, file_name
from contracts.generate.manifests import kafka_topics, routes
from contracts.generate.pages import flow, topics
from contracts.generate.schemas import value_schema

_AGAIN = "run python -m contracts.generate"
SCHEMAS = Path(__file__).parent.parent / "schemas"
DEPLOY = Path("deploy")


def main(arguments_given: Sequence[str] | None = None) -> int:
    """Return 0 when everything is current or was written, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m contracts.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if not current")
    parser.add_argument(
        "--unreleased",
        action="store_true",
        help="write breaking changes too: only while no log holds such events",
    )
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="the folder of documents")
    parser.add_argument("--deploy", type=Path, default=DEPLOY, help="the folder of manifests")
    parser.add_argument("--schemas", type=Path, default=SCHEMAS, help="the folder of schemas")
    arguments = parser.parse_args(arguments_given)
    if not arguments.docs.is_dir():
        return _complain([f"no folder {arguments.docs}: run this from the root of the checkout"])
    files = {
        **schema_files(arguments.schemas),
        **document_files(arguments.docs),
        **manifest_files(arguments.deploy),
    }
    broken = list(breaking(files))
    if broken and (arguments.check or not arguments.unreleased):
        return _complain(broken)
    stale = [path for path, text in files.items() if _read(path) != text]
    if arguments.check:
        return _complain([f"{path} is not current; {_AGAIN}" for path in stale])
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
    return 0


def schema_files(folder: Path) -> dict[Path, str]:
    """Return path and text of the schema of every event type that ``TYPES`` knows."""
    return {folder / file_name(body): _schema_text(body) for body in TYPES.values()}


@cache
def _schema_text(body: type[Body]) -> str:
    return json.dumps(value_schema(body), indent=1, ensure_ascii=False) + "\n"


def document_files(folder: Path) -> dict[Path, str]:
    """Return path and text of every generated document."""
    return {
        folder / "asyncapi.yaml": as_yaml(document()),
        folder / "flow.md": flow(),
        folder / "topics.md": topics(),
        folder / "facts.md": markdown(),
    }


def manifest_files(folder: Path) -> dict[Path, str]:
    """Return path and text of every generated manifest."""
    return {
        folder / "components/kafka-topics/topics.yaml": kafka_topics(),
        folder / "overlays/production/routes.yaml": routes(),
    }


def breaking(files: Mapping[Path, str]) -> Iterator[str]:
    """Yield what the new schemas would break of those that are checked in."""
    for path, text in files.items():
        before = _read(path) if path.suffix == ".json" else None
        if before is not None and before != text:
            for found in breaks(json.loads(before), json.loads(text)):
                yield f"{path.name}: {found}; raise the event's VERSION and keep the old class"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _complain(sentences: list[str]) -> int:
    for sentence in sentences:
        sys.stderr.write(f"{sentence}\n")
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
