"""Touches, identity keys, profiles and scores: what is known of a lead."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE touch (
    id uuid PRIMARY KEY,
    lead_id uuid NOT NULL,
    content_hash text NOT NULL
);
CREATE INDEX touch_lead ON touch (lead_id);
CREATE TABLE identity_key (
    key text PRIMARY KEY,
    kind text NOT NULL,
    lead_id uuid NOT NULL
);
CREATE INDEX identity_key_lead ON identity_key (lead_id);
CREATE TABLE profile (
    lead_id uuid PRIMARY KEY,
    person jsonb NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 80);
CREATE TABLE lead (
    id uuid PRIMARY KEY,
    state json NOT NULL
) WITH (fillfactor = 70)
"""


def upgrade() -> None:
    for statement in _TABLES.split(";\n"):
        op.execute(statement)
