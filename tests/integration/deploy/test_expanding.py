"""Migrations since the last release only expand, so that its code runs on the new schema."""

import pytest

from tests.support.released import (
    COMMIT,
    contracting,
    released_migrations,
    require_commit,
    todays_migrations,
)


def test_no_migration_since_the_last_release_takes_anything_away() -> None:
    require_commit()
    before = released_migrations()
    found = {
        path: contracting(text) for path, text in todays_migrations().items() if path not in before
    }
    assert {path: names for path, names in found.items() if names} == {}, (
        f"the code of {COMMIT[:12]} must run on the new schema: contract one release later"
    )


def test_a_migration_that_was_released_stays_as_it_is() -> None:
    require_commit()
    before, now = released_migrations(), todays_migrations()
    assert before
    assert [path for path, text in before.items() if now.get(path) != text] == []


def _migration(sql: str) -> str:
    return f'"""A seeded fault."""\n_SQL = """{sql}"""\ndef upgrade():\n    op.execute(_SQL)\n'


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("DROP TABLE lane", ["DROP"]),
        ("ALTER TABLE lane\n    drop COLUMN owner", ["DROP"]),
        ("TRUNCATE parked", ["TRUNCATE"]),
        ("ALTER TABLE lane RENAME owner TO holder", ["RENAME"]),
        ("ALTER TABLE lane ALTER owner SET NOT NULL", ["SET NOT NULL"]),
        ("ALTER TABLE lane ALTER COLUMN part TYPE bigint", ["ALTER ... TYPE"]),
        ("ALTER TABLE lane ALTER part SET DATA TYPE bigint", ["ALTER ... TYPE"]),
        (
            "ALTER TABLE lane ADD COLUMN zone text NOT NULL",
            ["ADD COLUMN ... NOT NULL without a DEFAULT"],
        ),
    ],
)
def test_a_statement_that_takes_away_is_found(sql: str, names: list[str]) -> None:
    assert contracting(_migration(sql)) == names


def test_a_call_that_takes_away_is_found() -> None:
    text = (
        'def upgrade():\n    op.drop_column("lane", "owner")\n    op.alter_column("lane", "part")\n'
    )
    assert contracting(text) == ["drop_column", "alter_column"]


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE droplets (id uuid PRIMARY KEY, renamed text NOT NULL)",
        "ALTER TABLE lane ADD COLUMN zone text",
        "ALTER TABLE lane ADD COLUMN zone text NOT NULL DEFAULT 'utc', ADD COLUMN area text",
        "ALTER TABLE lane ALTER owner DROP NOT NULL",
        "CREATE OR REPLACE FUNCTION clock_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
    ],
)
def test_a_statement_that_expands_is_taken(sql: str) -> None:
    assert contracting(_migration(sql)) == []


def test_the_way_back_may_take_away() -> None:
    text = _migration("CREATE TABLE a (id int)")
    text += 'def downgrade():\n    op.execute("DROP TABLE a")\n'
    assert contracting(text) == []
