"""Records that are of no lead yet: facts of an account, and what names a lead nobody knows."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TABLE kept_record ("
        "id uuid PRIMARY KEY, account text, of uuid, type text NOT NULL, body json NOT NULL, "
        "occurred_at timestamptz NOT NULL, kept_at timestamptz NOT NULL DEFAULT clock_timestamp())"
    )
    op.execute(
        "CREATE INDEX kept_record_account ON kept_record (account) WHERE account IS NOT NULL"
    )
    op.execute("CREATE INDEX kept_record_of ON kept_record (of) WHERE of IS NOT NULL")
