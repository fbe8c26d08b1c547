from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.importing import fields
from baton.importing.fields import FIELDS, IGNORE, What
from baton.importing.mapping import read_mapping
from baton.importing.reading import Line
from baton.importing.rows import Rule, Wrong, row_of
from baton.local.trouble import Trouble
from ingest.domain.knowledge import TELLABLE, FactsRow
from ingest.domain.native import PersonGiven, TouchRow
from ingest.domain.submission import CLICK_IDS, UTM

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def rule(
    what: What = What.TOUCHES,
    text: str | None = None,
    folder: Path | None = None,
    *,
    zone: str | None = None,
    **more: Any,  # noqa: ANN401 - of the rule
) -> Rule:
    path = None
    if text is not None and folder is not None:
        path = folder / "map.yaml"
        path.write_text(text)
    told = {"source": None, "live_since": None, **more}
    return Rule(read_mapping(what, path, zone), **told)


def row(cells: dict[str, Any], made: Rule | None = None) -> dict[str, Any]:
    return row_of(Line(2, cells), made or rule())


def test_the_fields_are_those_that_ingest_takes() -> None:
    def heads(what: What) -> set[str]:
        return {path.partition(".")[0] for path in FIELDS[what].paths}

    assert heads(What.TOUCHES) | {"historical", "custom"} == set(TouchRow.model_fields)
    assert heads(What.FACTS) - {"fact", "value"} | {"historical"} == set(FactsRow.model_fields)
    assert set(fields._PERSON) == set(PersonGiven.model_fields)
    assert (fields._UTM, fields._CLICKS) == (UTM, CLICK_IDS)
    assert fields.TELLABLE == TELLABLE


def test_columns_are_known_by_their_names_and_what_is_not_stays_with_the_person() -> None:
    cells: dict[str, Any] = {"kind": "ad_lead", "occurred_at": "2026-03-01T10:00:00Z"}
    cells |= {"Shoe size": "x"}
    cells |= {"Email": "a@b.example", "Job Title": "CFO", "company_size": "51-200"}
    cells |= {"utm_source": "google", "gclid": "g1", "consent.contact": "granted", "id": 7}
    made = row(cells)
    assert made == {
        "kind": "ad_lead",
        "occurred_at": "2026-03-01T10:00:00+00:00",
        "person": {"email": "a@b.example"},
        "custom": {"Shoe size": "x"},
        "facts": {"lead.title": "CFO", "company.employees": "51-200"},
        "utm": {"utm_source": "google"},
        "click_ids": {"gclid": "g1"},
        "consent": {"contact": "granted"},
        "id": "7",
        "historical": True,
    }
    TouchRow.model_validate(made, context={"now": NOON})


@pytest.mark.parametrize(
    ("field", "columns"),
    [
        ("person.email", "E-Mail, e_mail, Email Address, EMAIL-ADDRESS, Mail, Person E-Mail"),
        ("person.phone", "Phone Number, phone_number, Telephone, Mobile, PHONE"),
        ("person.last_name", "Surname, Family name, lastName, Last-Name"),
        ("occurred_at", "Created, Created At, Create Date, submitted_at, Date, Occurred at"),
        ("facts.company.employees", "Company size, companySize, Employees"),
        ("consent.ads_feedback", "Consent: ads feedback"),
        (IGNORE, "Historical, ignore"),
        ("custom.Mobile device", "Mobile device"),
        ("custom.tier", "custom.tier, Custom.Tier"),
    ],
)
def test_of_a_columns_name_letters_and_digits_count(field: str, columns: str) -> None:
    for column in columns.split(", "):
        assert FIELDS[What.TOUCHES].of_column(column) == field, column


def test_facts_are_not_dated_by_when_a_record_was_created() -> None:
    assert FIELDS[What.FACTS].of_column("E-Mail Address") == "email"
    assert FIELDS[What.FACTS].of_column("As of") == "as_of"
    assert FIELDS[What.FACTS].of_column("Created") is None


def test_a_further_name_yields_to_a_column_that_is_nearer(tmp_path: Path) -> None:
    cells = {"Mobile": "2", "phone": "1", "Created": "2026-01-01", "email": "a@b.example"}
    cells["Lead date"] = "2026-03-01"
    made = rule(text="columns: {Lead date: occurred_at}\nzone: UTC\n", folder=tmp_path)
    found = row(cells, made)
    assert found["person"] == {"phone": "1", "email": "a@b.example"}
    assert found["custom"] == {"Mobile": "2", "Created": "2026-01-01"}
    assert found["occurred_at"] == "2026-03-01T00:00:00+00:00"
    made.mapped.require(list(cells), "x.csv")
    del cells["phone"]
    assert row(cells, made)["custom"]["Mobile"] == "2"


def test_two_columns_that_are_one_field_are_not_guessed_between() -> None:
    cells = {"Mobile": "2", "Telephone": "1", "email": "a@b.example"}
    with pytest.raises(Wrong, match=r"Telephone: is person\.phone, as Mobile is; a mapping says"):
        row(cells)
    with pytest.raises(Trouble, match=r"'Telephone' and 'Mobile' are both person\.phone; a mapp"):
        rule().mapped.require(list(cells), "x.csv")


def test_a_mapping_says_what_columns_are_and_what_holds_for_all_rows(tmp_path: Path) -> None:
    made = rule(
        text=(
            "columns:\n  Mail: email\n  When: occurred_at\n  Score: ignore\n  Tier: custom.tier\n"
            "set: {kind: form, channel: email, facts.custom.origin: crm}\n"
            "zone: Europe/Berlin\nformat: '%d.%m.%Y %H:%M'\n"
        ),
        folder=tmp_path,
        source="crm",
    )
    told = {"Mail": "a@b.example", "When": "01.07.2026 12:00", "Score": "9", "Tier": "gold"}
    found = row(told, made)
    assert found.pop("id").startswith("import-")
    assert found == {
        "kind": "form",
        "channel": "email",
        "facts": {"custom.origin": "crm"},
        "person": {"email": "a@b.example"},
        "occurred_at": "2026-07-01T10:00:00+00:00",
        "custom": {"tier": "gold"},
        "source": "crm",
        "historical": True,
    }


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("columns:\n  Mail: emial\n", ":2:9", "is no field; did you mean email?"),
        ("columns:\n  A: email\n  B: email\n", ":3:6", "person.email is the column A already"),
        ("set: {knid: form}\n", ":1:13", "did you mean kind?"),
        ("zone: Mars/Olympus\n", ":1:7", "expected a zone like Europe/Berlin"),
        ("format: '%H:%M'\n", ":1:9", "lacks the year"),
        ("colums: {}\n", ":1:1", "did you mean 'columns'?"),
        ("columns: [\n", ":2:1", "no YAML"),
        ("", ":1:1", "expected an object"),
    ],
)
def test_a_mapping_that_is_wrong_is_told_with_file_line_and_column(
    tmp_path: Path, text: str, where: str, says: str
) -> None:
    with pytest.raises(Trouble) as found:
        rule(text=text, folder=tmp_path)
    assert f"map.yaml{where}: " in str(found.value)
    assert says in str(found.value)


def test_a_mapping_is_compared_with_the_columns_of_the_file(tmp_path: Path) -> None:
    made = rule(text="columns:\n  Mail: email\n", folder=tmp_path).mapped
    with pytest.raises(Trouble, match=r"map.yaml:2:3: x.csv has no such column; did you mean Mal"):
        made.require(["Mal", "kind"], "x.csv")
    with pytest.raises(Trouble, match=r"'email' and 'Mail' are both person\.email"):
        made.require(["Mail", "email"], "x.csv")
    with pytest.raises(Trouble, match=r"x\.csv has two columns 'Mail'"):
        made.require(["Mail", "Mail"], "x.csv")
    with pytest.raises(Trouble, match=r"'titel' is no field; did you mean title\?"):
        rule(What.FACTS).mapped.require(["email", "titel"], "x.csv")


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("2026-03-01T10:00:00Z", "10:00"),
        ("2026-03-01T11:00:00+01:00", "10:00"),
        ("2026-03-01 11:00:00", "10:00"),
        (1772359200, "10:00"),
        ("1772359200000", "10:00"),
        (datetime(2026, 3, 1, 11), "10:00"),  # noqa: DTZ001 - as Parquet without a zone has it
        ("2026-03-01", "23:00"),
    ],
)
def test_instants_keep_their_time_however_they_are_written(told: object, at: str) -> None:
    made = row({"occurred_at": told, "email": "a@b.example"}, rule(zone="Europe/Berlin"))
    assert made["occurred_at"][11:16] == at


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("once", "occurred_at: expected an instant (ISO 8601, or seconds since 1970)"),
        ("2026-03-01 11:00", "occurred_at: names no time zone"),
        ("0001-01-01T00:00:00+14:00", "no instant that there was"),
    ],
)
def test_an_instant_that_is_none_is_told_by_its_column(told: str, says: str) -> None:
    with pytest.raises(Wrong) as found:
        row({"occurred_at": told})
    assert says in str(found.value)
    with pytest.raises(Trouble, match="no time zone"):
        rule(zone="Mars/Olympus")


def test_only_what_is_newer_than_it_is_told_is_live() -> None:
    live = rule(live_since=NOON)
    for at, historical in (("12:00:00", True), ("12:00:01", False)):
        made = row({"occurred_at": f"2026-03-01T{at}Z", "email": "a@b.example"}, live)
        assert made["historical"] is historical
    undated = {"email": "a@b.example", "historical": "false", "title": "CFO"}
    assert row(undated, live)["historical"] is True
    assert row(undated, rule(What.FACTS, live_since=NOON))["historical"] is False
    assert row(undated, rule(What.FACTS))["historical"] is True


def test_a_touch_without_an_id_has_one_by_its_content_unless_it_is_nobodys() -> None:
    cells = {"occurred_at": "2026-03-01T10:00:00Z", "email": "a@b.example"}
    one = row(cells)["id"]
    assert row(cells, rule(live_since=NOON))["id"] == row(cells, rule(zone="UTC"))["id"] == one
    assert row(cells | {"occurred_at": "2026-03-01T10:00:01Z"})["id"] != one
    assert row(cells | {"id": "crm-1"})["id"] == "crm-1"
    assert "id" not in row({"occurred_at": "2026-03-01T10:00:00Z", "page": "/pricing"})


def test_facts_may_have_a_column_each_or_name_and_value() -> None:
    cells = {"email": "a@b.example", "as_of": "2026-03-01T10:00:00Z"}
    made = row(
        cells | {"title": "CFO", "custom.tier": "12", "custom.code": "007"}, rule(What.FACTS)
    )
    assert made["facts"] == {"lead.title": "CFO", "custom.tier": 12, "custom.code": "007"}
    named = row(cells | {"fact": "company.employees", "value": "180"}, rule(What.FACTS))
    assert named["facts"] == {"company.employees": 180}
    for each in (made, named):
        FactsRow.model_validate(each, context={"now": NOON})
    with pytest.raises(Wrong, match="value: is missing"):
        row(cells | {"fact": "company.employees"}, rule(What.FACTS))
    with pytest.raises(Wrong, match="tilte: is no field"):
        row(cells | {"tilte": "x"}, rule(What.FACTS))


def test_a_fact_that_is_a_text_stays_one() -> None:
    assert row({"facts.company.name": "1984", "email": "x"})["facts"] == {"company.name": "1984"}


@given(st.text(max_size=40))
def test_no_name_of_a_column_is_lost_or_an_error(name: str) -> None:
    found = FIELDS[What.TOUCHES].of_column(name)
    assert found is not None
    assert found == IGNORE or (found and found != "custom.")
