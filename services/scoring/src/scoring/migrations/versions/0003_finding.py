"""What a lead is found by beside its keys: its company, and the sources that give touches ids."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE known_source (name text PRIMARY KEY)")
    op.execute(
        "INSERT INTO known_source SELECT DISTINCT touch->'attribution'->>'source' "
        "FROM lead, json_array_elements(state->'touches') AS touch"
    )
    op.execute("ALTER TABLE lead ADD COLUMN account text, ADD COLUMN touched_at timestamptz")
    op.execute(
        "UPDATE lead SET account = (SELECT telling->'facts'->>'company.domain' "
        "FROM json_array_elements(state->'tellings') AS telling "
        "WHERE telling->'facts'->>'company.domain' IS NOT NULL LIMIT 1), "
        "touched_at = (state->'touches'->-1->'attribution'->>'at')::timestamptz"
    )
    op.execute("CREATE INDEX lead_account ON lead (account) WHERE account IS NOT NULL")
