"""Touches that bear signs of spam, to be counted by day, source and sign."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE spam (
    touch_id uuid PRIMARY KEY,
    source text NOT NULL,
    at timestamptz NOT NULL,
    stopped boolean NOT NULL,
    signs text[] NOT NULL
);
CREATE INDEX spam_at ON spam (at)
"""


def upgrade() -> None:
    for statement in _TABLES.split(";\n"):
        op.execute(statement)
