from hypothesis import given
from hypothesis import strategies as st

from baton.walk.people import PEOPLE, google_lead, person


def test_nobody_comes_twice_before_all_have_come() -> None:
    assert len({person(number).email for number in range(PEOPLE)}) == PEOPLE


@given(st.integers(0, PEOPLE))
def test_a_person_is_nobodys_and_reaches_the_line(number: int) -> None:
    who = person(number)
    assert who.email.endswith(".example")
    assert who.country in {"GB", "DE", "US"}
    title = set(who.title.lower().split())
    assert title & {"head", "director", "vp", "chief", "owner"}


def test_the_webhook_is_as_googles_documentation_shows_it() -> None:
    body = google_lead(person(0), "lead-1", "key")
    columns = {each["column_id"]: each["string_value"] for each in body["user_column_data"]}
    assert columns["FULL_NAME"] == "Maya Okafor"
    assert columns["COMPANY_SIZE"] == "51-200"
    assert (body["lead_id"], body["google_key"], body["is_test"]) == ("lead-1", "key", False)
