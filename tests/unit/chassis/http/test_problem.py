from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, EmailStr, Field, TypeAdapter, ValidationError, field_validator

from chassis.http.problem import (
    Problem,
    ProblemKind,
    answer,
    reference,
    type_of,
    validation_problem,
)


class Form(BaseModel):
    email: EmailStr
    size: int
    kind: Literal["call", "mail"]
    code: str = ""

    @field_validator("code")
    @classmethod
    def _quotes(cls, value: str) -> str:
        if value:
            raise ValueError(f"no such code: {value}")
        return value


def _problem(values: dict[str, object]) -> Problem:
    with pytest.raises(ValidationError) as caught:
        Form.model_validate(values)
    return validation_problem(caught.value.errors())


def test_fields_are_named_and_values_never_repeated() -> None:
    problem = _problem({"email": "hush@nowhere", "size": "hush", "kind": "hush", "code": "hush"})
    assert [each.field for each in problem.errors] == ["email", "size", "kind", "code"]
    assert problem.errors[2].message == "expected 'call' or 'mail'"
    body = bytes(answer(problem).body).decode()
    assert "hush" not in body
    assert "nowhere" not in body


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=3, max_size=30))
def test_a_sentence_that_would_quote_the_value_is_replaced(value: str) -> None:
    problem = _problem({"email": "a@firm.example", "size": 1, "kind": "call", "code": value})
    (error,) = problem.errors
    assert error.message == "this value is not taken here"


def test_a_key_that_may_be_an_address_is_not_told() -> None:
    problem = validation_problem(
        [{"loc": ("body", "ana@firm.example"), "msg": "Extra inputs", "type": "extra_forbidden"}]
    )
    assert problem.errors[0].field == "…"


class Call(BaseModel):
    kind: Literal["call"]
    minutes: tuple[int, ...]


class Mail(BaseModel):
    kind: Literal["mail"]
    lines: Annotated[dict[str, str], Field(min_length=1)]


Sent = TypeAdapter[Call | Mail](Annotated[Call | Mail, Field(discriminator="kind")])


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"kind": "is missing"}),
        ({"kind": "x"}, {"kind": "expected one of: call, mail"}),
        ({"kind": "call"}, {"minutes": "is missing"}),
        ({"kind": "call", "minutes": 3}, {"minutes": "expected a list"}),
        ({"kind": "call", "minutes": [1, "x"]}, {"minutes.1": "expected a whole number"}),
        ({"kind": "mail", "lines": {}}, {"lines": "expected at least 1 entry"}),
        ([], {"body": "expected an object, keys with values"}),
    ],
)
def test_a_field_is_named_by_its_path_in_the_json(body: Any, errors: dict[str, str]) -> None:  # noqa: ANN401
    with pytest.raises(ValidationError) as caught:
        Sent.validate_python(body)
    found = [{**each, "loc": ("body", *each["loc"])} for each in caught.value.errors()]
    problem = validation_problem(found, body)
    assert {each.field: each.message for each in problem.errors} == errors


def test_json_that_breaks_off_is_a_400_and_says_where() -> None:
    problem = validation_problem([{"loc": ("body", 7), "msg": "x", "type": "json_invalid"}])
    assert problem.kind is ProblemKind.MALFORMED_JSON
    assert "character 7" in problem.sentence


def test_every_kind_has_its_own_type_and_a_way_out() -> None:
    assert len({type_of(kind) for kind in ProblemKind}) == len(ProblemKind)
    for kind in ProblemKind:
        assert kind.kind.says.endswith(".")
        assert 400 <= kind.kind.status < 600


def test_the_page_of_errors_is_current() -> None:
    page = Path(__file__).parents[4] / "docs" / "errors.md"
    assert page.read_text() == reference(), (
        "write it again: python -m chassis.http.problem > docs/errors.md"
    )
