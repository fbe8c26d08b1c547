"""Policy files are read as YAML 1.2, and whatever is wrong is told with its place."""

import re
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from chassis.policies.document import Document, load, validate
from chassis.policies.errors import PolicyRefused
from contracts.amounts import Duration, Share
from contracts.conditions import Condition, May


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(Strict):
    id: str
    points: int
    when: Annotated[Condition, May("lead", "company")] | None = None


class Target(Strict):
    within: Duration
    warn: tuple[Share, ...] = ()


class Policy(Strict):
    policy: str
    rules: tuple[Rule, ...] = ()
    targets: dict[str, Target] = {}
    secrets: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _ids_stand_once(self) -> "Policy":
        for index, rule in enumerate(self.rules):
            if rule.id in {each.id for each in self.rules[:index]}:
                raise PydanticCustomError(
                    "twice",
                    "rule {id} stands twice",
                    {"id": rule.id, "path": ("rules", index, "id")},
                )
        return self


def refused(text: str, **context: object) -> list[str]:
    with pytest.raises(PolicyRefused) as caught:
        validate(load(text, "p.yaml"), Policy, context)
    return [str(error) for error in caught.value.errors]


def test_values_are_of_the_core_schema_only() -> None:
    text = """\
country: NO
at: 9:30
day: 2026-11-02
on: yes
count: 0o17
hex: 0x1F
half: 0.5
quoted: "12"
nothing: ~
truth: true
1: 40
old: 0123
"""
    assert load(text, "p.yaml").data == {
        "country": "NO", "at": "9:30", "day": "2026-11-02", "on": "yes", "count": 15, "hex": 31,
        "half": 0.5, "quoted": "12", "nothing": None, "truth": True, "1": 40, "old": 123,
    }  # fmt: skip


def test_each_value_and_key_has_its_place() -> None:
    document = load("# says\nrules:\n  - {id: a, points: 5}\n", "p.yaml")
    assert document.positions["rules", 0, "points"] == (3, 21)
    assert document.keys["rules", 0, "points"] == (3, 13)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: 2\na: 3\n", "p.yaml:3:1: 'a' stands here already, in line 1"),
        ("a: &x 1\n", "p.yaml:1:4: leave out the anchor (&name): aliases are not read"),
        ("a: !!str 1\n", "p.yaml:1:4: leave out the tag: values need none"),
        ("a: !!python/object:os.system 1\n", "p.yaml:1:4: leave out the tag: values need none"),
        ("a: [1\n", "p.yaml:2:1: this is no YAML: "),
        ("a: b: c\n", "p.yaml:1:5: this is no YAML: mapping values are not allowed"),
        ("a: \x07\n", "p.yaml:1:1: "),
        ("? [a]\n: 1\n", "p.yaml:1:3: a key must be a plain text"),
        ("a: 1\n---\nb: 2\n", "p.yaml:1:1: one document in a file, no ---"),
        ("%YAML 1.1\n---\na: NO\n", "p.yaml:2:1: leave out the % directives"),
        ("a: 1e999\n", "p.yaml:1:4: this number is too large"),
        ("[" * 100, "p.yaml:1:21: nested deeper than 20"),
        ("a: " + "x" * 1_000_000, "p.yaml:1:1: a policy file has at most 1000000 bytes"),
    ],
)
def test_what_is_no_policy_text_is_refused(text: str, told: str) -> None:
    with pytest.raises(PolicyRefused) as caught:
        load(text, "p.yaml")
    assert str(caught.value).startswith(told)


def test_an_alias_is_refused() -> None:
    with pytest.raises(PolicyRefused, match=r"p\.yaml:2:4: write the value out"):
        load("a: &x [1]\nb: *x\n", "p.yaml")


def test_a_file_that_is_not_utf_8_is_refused_with_its_line() -> None:
    with pytest.raises(PolicyRefused, match=r"p\.yaml:2:1: not UTF-8"):
        load(b"a: 1\nb: \xff\n", "p.yaml")


INTEGER = "expected a whole number"
DURATION = "expected a duration: a whole number and ms, s, m, h or d, like 5m, 2h or 30d"


def test_all_errors_are_told_at_once_with_file_line_and_column() -> None:
    text = """\
policy: scoring
rules:
  - {id: a, points: many, wehn: lead.is_test}
  - {points: 3}
targets:
  hot: {within: soon}
colour: blue
"""
    assert refused(text) == [
        f"p.yaml:3:21: {INTEGER} (got 'many')",
        "p.yaml:3:27: unknown key 'wehn'; did you mean 'when'?",
        "p.yaml:4:5: id is missing here",
        f"p.yaml:6:17: {DURATION} (got 'soon')",
        "p.yaml:7:1: unknown key 'colour'; known here: policy, rules, secrets, targets",
    ]


def test_a_secret_is_never_repeated() -> None:
    assert "hunter2" not in "".join(refused("policy: a\nsecrets: [hunter2]\n"))


def test_a_validator_across_the_whole_points_at_the_value() -> None:
    text = "policy: a\nrules:\n  - {id: x, points: 1}\n  - {id: x, points: 2}\n"
    assert refused(text) == ["p.yaml:4:10: rule x stands twice"]


CONDITION = 'lead.title == "a\'b" && lead.titel == "x"'


@pytest.mark.parametrize(
    "when",
    [
        "'lead.title == \"a''b\" && lead.titel == \"x\"'",
        '"lead.title == \\"a\'b\\" && lead.titel == \\"x\\""',
        '"lead.title == \\x22a\'b\\u0022 && \\\n        lead.titel == \\"x\\""',
        'lead.title == "a\'b" && lead.titel == "x"',
        'lead.title == "a\'b"\n      && lead.titel == "x"',
        '|\n      lead.title == "a\'b" &&\n      lead.titel == "x"',
        '|-\n      lead.title == "a\'b" &&\n\n        lead.titel == "x"',
        '>-\n      lead.title == "a\'b"\n      && lead.titel == "x"',
        '>\n\n      lead.title == "a\'b" &&\n      lead.titel == "x"\n',
    ],
)
def test_a_wrong_condition_is_pointed_at_in_any_style_of_text(when: str) -> None:
    text = f"policy: a\nrules:\n  - id: x\n    points: 1\n    when: {when}\n"
    (told,) = refused(text)
    found = re.match(r"p\.yaml:(\d+):(\d+): lead\.titel is not known here", told)
    assert found, told
    line = text.split("\n")[int(found[1]) - 1]
    assert line[int(found[2]) - 1 :].startswith("lead.titel")


def test_a_condition_may_name_only_known_lists() -> None:
    text = "policy: a\nrules:\n  - {id: x, points: 1, when: company.domain in lists.rival}\n"
    assert refused(text, lists={"rivals"}) == [
        "p.yaml:3:48: lists.rival is not known here; did you mean lists.rivals?"
    ]


def test_a_right_file_becomes_its_model() -> None:
    text = "policy: a\ntargets:\n  hot: {within: 5m, warn: [50%]}\n"
    policy = validate(load(text, "p.yaml"), Policy)
    assert policy.targets["hot"].within == Duration(300_000)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        document = load(text, "p.yaml")
    except PolicyRefused:
        return
    assert isinstance(document, Document)
