"""The desk: leads, the touches that lead to them, persons, and the one rotation of all lanes."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE lead (
    lead_id uuid PRIMARY KEY,
    state json NOT NULL,
    stage text NOT NULL,
    mode text NOT NULL,
    owner text,
    pool text,
    changed_at timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX lead_changed ON lead (changed_at, lead_id);
CREATE INDEX lead_owner ON lead (owner, changed_at, lead_id);
CREATE TABLE touch (
    touch_id uuid PRIMARY KEY,
    lead_id uuid NOT NULL
);
CREATE TABLE profile (
    lead_id uuid PRIMARY KEY,
    person json NOT NULL,
    heard_at timestamptz NOT NULL
);
CREATE TABLE rotation (
    the_one boolean PRIMARY KEY DEFAULT true CHECK (the_one),
    last_now timestamptz NOT NULL DEFAULT 'epoch',
    state json NOT NULL DEFAULT '{}'
) WITH (fillfactor = 10);
INSERT INTO rotation DEFAULT VALUES
"""


def upgrade() -> None:
    for statement in _TABLES.split(";\n"):
        op.execute(statement)
