"""The code of docs/extending.md and the sources of docs/sources.md do what the pages say."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ruamel.yaml import YAML

from ingest.domain import kinds
from ingest.domain.kinds.kind import Credentials, Refused
from ingest.domain.sent import Sent
from ingest.domain.sources import ONE
from tests.integration.ingest.conformance.wire import KEY, UNKNOWN, Sender, Wire

DOCS = Path(__file__).parents[3] / "docs"
HELD = Credentials((KEY.encode(),))


def blocks(page: str, language: str) -> list[str]:
    """The code of a page, in order."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def made(name: str, code: str) -> ModuleType:
    module = ModuleType(name)
    exec(compile(code, name, "exec"), module.__dict__)  # noqa: S102 - the page's own code
    return module


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any, Any]:
    """The page's module, its row, and its tests."""
    code, row, tests = blocks("extending.md", "python")
    module = made("ingest.domain.kinds.acme_forms", code)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(kinds, "acme_forms", module, raising=False)
    return module, made("row", row), made("tests", tests)


def test_the_kind_of_the_page_is_held_to_what_every_kind_is(page: tuple[Any, Any, Any]) -> None:
    module, row, _ = page
    kind, sender = module.KIND, row.SENDER
    assert isinstance(sender, Sender)
    assert kind.name == sender.kind
    policy = module.AcmeForms.model_validate(sender.policy)

    def why(wire: Wire) -> Refused | None:
        refusal = kind.verify(sent(wire), policy, HELD)
        return None if refusal is None else refusal.why

    right = sender.right("maya@brightwell.example")
    assert sender.wrong is not None
    assert sender.unproved is not None
    assert sender.aged is not None
    assert why(right) is None
    assert why(sender.wrong(right)) is Refused.WRONG_PROOF
    assert why(sender.unproved(right)) is Refused.NO_PROOF
    assert why(sender.aged("a@b.example", sender.within * 2)) is Refused.STALE
    (told,) = kind.parse(sent(right), policy).submissions
    assert told.unknown[UNKNOWN[0]] == UNKNOWN[1]
    assert told.form == "Demo"
    sample = kind.sample(policy, HELD, "http://localhost", datetime.now(UTC))
    assert why(Wire(sample.body, sample.headers)) is None
    (test,) = kind.parse(sent(Wire(sample.body, sample.headers)), policy).submissions
    assert test.is_test


def test_the_tests_of_the_page_pass(page: tuple[Any, Any, Any]) -> None:
    found = [each for name, each in vars(page[2]).items() if name.startswith("test_")]
    assert len(found) == 2
    for each in found:
        each()


def test_every_source_that_the_pages_show_is_one() -> None:
    shown = [YAML(typ="safe").load(each) for each in blocks("sources.md", "yaml")]
    sources = [source for each in shown for source in each.values() if "kind" in source]

    assert len(sources) >= 3
    for each in sources:
        assert ONE.validate_python(each)


def test_every_kind_has_its_chapter() -> None:
    text = (DOCS / "sources.md").read_text(encoding="utf-8")

    assert {name for name in kinds.KINDS if f"`{name}`" not in text} == set()


def sent(wire: Wire) -> Sent:
    return Sent((), wire.headers, wire.body, datetime.now(UTC))
