"""Conditions answer as SQL would, and refuse with the place what cannot work."""

from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.conditions import MET, NOT_MET, Answer, Condition, ConditionError, May, Verdict
from contracts.facts import Facts


def ask(text: str, **facts: object) -> Verdict:
    named = {name.replace("__", "."): value for name, value in facts.items()}
    return Condition.parse(text).ask(Facts(named))


def unknown(*missing: str) -> Verdict:
    return Verdict(Answer.UNKNOWN, missing)


def test_an_absent_fact_leaves_the_other_side_of_or_to_decide() -> None:
    text = "lead.score == 1 || lead.fit == 2"
    assert ask(text, lead__fit=2) == MET
    assert ask(text, lead__fit=3) == unknown("lead.score")


def test_a_false_side_of_and_wins_over_an_absent_fact() -> None:
    text = "lead.score == 1 && lead.fit == 2"
    assert ask(text, lead__fit=3) == NOT_MET
    assert ask(text, lead__fit=2) == unknown("lead.score")


def test_a_negation_of_unknown_is_unknown_and_not_met() -> None:
    verdict = ask("!lead.is_test")
    assert verdict == unknown("lead.is_test")
    assert not verdict.met


def test_only_facts_that_would_decide_are_named() -> None:
    text = "(lead.score == 1 && lead.fit == 2) || company.employees == 3"
    assert ask(text, lead__fit=3) == unknown("company.employees")
    chosen = "lead.is_test ? lead.fit == 1 : lead.score == 2"
    assert ask(chosen, lead__is_test=True) == unknown("lead.fit")


def test_lead_known_tells_whether_a_fact_is_there() -> None:
    text = '"company.employees" in lead.known'
    assert ask(text, company__employees=3) == MET
    assert ask(text) == NOT_MET


def test_a_list_is_asked_by_content_and_missing_lists_are_unknown() -> None:
    condition = Condition.parse("company.domain in lists.rivals")
    facts = Facts({"company.domain": "rival.example"})
    assert condition.ask(facts, {"rivals": frozenset({"rival.example"})}) == MET
    assert condition.ask(facts, {"rivals": frozenset({"other.example"})}) == NOT_MET
    assert condition.ask(facts) == unknown("lists.rivals")
    assert condition.ask(Facts(), {"rivals": frozenset()}) == unknown("company.domain")
    assert dict(condition.lists) == {"rivals": ("company.domain",)}


def test_a_custom_fact_of_another_kind_is_unknown() -> None:
    assert ask("custom.seats > 3", custom__seats=5) == MET
    assert ask("custom.seats > 3", custom__seats="many") == unknown("custom.seats")
    assert ask('custom.plan.startsWith("p")', custom__plan="pro") == MET


def test_a_title_is_matched_by_a_regular_expression() -> None:
    text = 'lead.title.matches("(?i)head|director")'
    condition = Condition.parse(text)
    for _ in range(2):
        assert condition.ask(Facts({"lead.title": "HEAD of IT"})) == MET
        assert condition.ask(Facts({"lead.title": "Intern"})) == NOT_MET
        assert condition.ask(Facts()) == unknown("lead.title")


def test_an_instant_is_compared_as_an_instant() -> None:
    text = 'lead.first_seen_at > timestamp("2026-01-01T00:00:00Z")'
    assert ask(text, lead__first_seen_at="2026-01-01T00:30:00+01:00") == NOT_MET
    assert ask(text, lead__first_seen_at="2026-01-01T01:30:00+01:00") == MET


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ('lead.titel == "x"', 1, 1, "did you mean lead.title?"),
        ('true && lead.titel == "x"', 1, 9, "did you mean lead.title?"),
        ('"😀" == lead.title && lead.titel == "x"', 1, 22, "did you mean lead.title?"),
        ('lead.is_test &&\n  lead.countri == "X"', 2, 3, "did you mean lead.country?"),
        ("has(lead.title)", 1, 1, '"lead.title" in lead.known'),
        ("true && has (company.employees)", 1, 9, '"company.employees" in lead.known'),
        ("lead.title == 1", 1, 12, "== does not go with (text, whole number)"),
        ("lead.score >= 60 &&", 1, 20, "ends too early"),
        ("lead.score", 1, 1, "true or false"),
        ("lead.score + 1 > 2", 1, 12, "no arithmetic"),
        ("lead.score / 0 == 1", 1, 12, "no arithmetic"),
        ("int(lead.title) == 1", 1, 4, "could fail"),
        ('lead.known[0] == "x"', 1, 11, "could fail"),
        ('lead.title.matches("(")', 1, 20, "missing )"),
        ("lead.title.matches(lead.title)", 1, 19, "literal"),
        ('lead.first_seen_at > timestamp("x")', 1, 32, "Timestamp"),
        ('lead.stage == "CUSTOMR"', 1, 15, "CUSTOMER"),
        ('lead.consent.contact in ["no"]', 1, 26, "withdrawn"),
        ('"company.employes" in lead.known', 1, 1, "did you mean company.employees?"),
        ('lists.x.exists(d, d == "a")', 1, 1, "ask a list with a fact"),
        ('"a" in lists.x', 1, 8, "ask a list with a fact"),
        ("lead.known.all(a, lead.known.all(b, a == b))", 1, 15, "inside one another"),
        ('{"a": 1}.a == 1', 1, 9, "stand here"),
        ("(" * 13 + "true" + ")" * 13, 1, 13, "nest"),
        ("  ", 1, 1, "must say something"),
        ("x" * 1001, 1, 1, "at most 1000 characters"),
        ("lead.is_test" + " == true" * 45, 1, 1, "nested too deep"),
        ('lead.title.lower() == "x"', 1, 17, "the functions are"),
    ],
)
def test_what_cannot_work_is_refused_with_its_place(
    text: str, line: int, column: int, says: str
) -> None:
    with pytest.raises(ConditionError) as caught:
        Condition.parse(text)
    assert says in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


def test_only_allowed_facts_and_known_lists_may_be_asked() -> None:
    with pytest.raises(ConditionError, match=r"only company\.\*, lead\.\* may be asked here"):
        Condition.parse('touch.kind == "page"', allowed=("lead", "company"))
    with pytest.raises(ConditionError, match=r"did you mean lists\.competitors\?"):
        Condition.parse("company.domain in lists.competitor", lists={"competitors"})


def test_a_text_that_looks_like_has_is_a_text() -> None:
    assert ask("lead.title == 'has(x)'", lead__title="has(x)") == MET


@pytest.mark.parametrize(
    ("text", "requires"),
    [
        (
            'touch.kind == "page" && touch.path == "/a"',
            {"touch.kind": {"page"}, "touch.path": {"/a"}},
        ),
        ('touch.form in ["a", "b"]', {"touch.form": {"a", "b"}}),
        ('"chat" == touch.kind || touch.kind == "call"', {"touch.kind": {"chat", "call"}}),
        ('touch.kind == "page" || lead.is_test', {}),
        ("!lead.is_test && lead.score == -2", {"lead.is_test": {False}, "lead.score": {-2}}),
        ('touch.kind in ["page", lead.title]', {}),
        ("lead.score > 3", {}),
        ("lead.is_test", {"lead.is_test": {True}}),
    ],
)
def test_the_equalities_a_condition_needs_are_known(text: str, requires: dict[str, Any]) -> None:
    assert Condition.parse(text).requires == requires


_ATOMS = {
    "lead.score == 1": ("lead.score", 1),
    "lead.fit == 1": ("lead.fit", 1),
    "lead.cycle > 0": ("lead.cycle", 1),
    "lead.is_test": ("lead.is_test", True),
}
_exprs = st.recursive(
    st.sampled_from(sorted(_ATOMS)).map(lambda atom: (atom,)),
    lambda inner: st.one_of(
        inner.map(lambda a: ("!", a)),
        st.tuples(st.sampled_from(["&&", "||"]), inner, inner),
    ),
    max_leaves=6,
)
_facts = st.fixed_dictionaries(
    {},
    optional={
        "lead.score": st.integers(0, 1),
        "lead.fit": st.integers(0, 1),
        "lead.cycle": st.integers(0, 1),
        "lead.is_test": st.booleans(),
    },
)


Tree = tuple[Any, ...]


def _written(tree: Tree) -> str:
    if len(tree) == 1:
        return f"({tree[0]})"
    if tree[0] == "!":
        return f"!{_written(tree[1])}"
    return f"({_written(tree[1])} {tree[0]} {_written(tree[2])})"


def _by_sql(tree: Tree, facts: dict[str, Any]) -> bool | None:
    if len(tree) == 1:
        name, wanted = _ATOMS[tree[0]]
        return bool(facts[name] == wanted) if name in facts else None
    if tree[0] == "!":
        inner = _by_sql(tree[1], facts)
        return None if inner is None else not inner
    sides = [_by_sql(tree[1], facts), _by_sql(tree[2], facts)]
    decisive = bool(tree[0] == "||")
    if decisive in sides:
        return decisive
    return None if None in sides else not decisive


@given(_exprs, _facts)
def test_conditions_answer_as_three_valued_logic_does(tree: Tree, facts: dict[str, Any]) -> None:
    condition = Condition.parse(_written(tree))
    verdict = condition.ask(Facts(facts))
    answers = {True: Answer.MET, False: Answer.NOT_MET, None: Answer.UNKNOWN}
    assert verdict.answer is answers[_by_sql(tree, facts)]
    assert bool(verdict.missing) is (verdict.answer is Answer.UNKNOWN)
    assert not set(verdict.missing) & set(facts)


class Rule(BaseModel):
    """A toy policy: its rules may speak of the lead and its company."""

    model_config = ConfigDict(extra="forbid")
    id: str
    when: Annotated[Condition, May("lead", "company")] | None = None


def test_a_policy_model_takes_conditions_as_fields() -> None:
    raw = {"id": "big", "when": "company.domain in lists.targets"}
    rule = Rule.model_validate(raw, context={"lists": {"targets"}})
    assert rule.when is not None
    assert rule.when.ask(Facts(), {}).missing == ("company.domain", "lists.targets")
    assert rule.model_dump() == raw
    assert rule.model_copy(deep=True) == rule
    assert Rule.model_json_schema()["properties"]["when"]["anyOf"][0]["format"] == "cel"


def test_a_policy_model_refuses_with_line_and_column() -> None:
    with pytest.raises(ValidationError) as caught:
        Rule.model_validate({"id": "a", "when": 'true &&\n touch.kind == "page"'})
    (error,) = caught.value.errors()
    assert error["loc"][0] == "when"
    assert (error["ctx"]["line"], error["ctx"]["column"]) == (2, 2)
    with pytest.raises(ValidationError, match="did you mean lists"):
        Rule.model_validate(
            {"id": "a", "when": "company.domain in lists.target"}, context={"lists": {"targets"}}
        )
    with pytest.raises(ValidationError, match="a condition is a text"):
        Rule.model_validate({"id": "a", "when": True})
