"""Names of campaigns as rows of spend told them."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TABLE campaign_name ("
        "id text PRIMARY KEY, name text NOT NULL, "
        "told_at timestamptz NOT NULL DEFAULT clock_timestamp())"
    )
    op.execute("CREATE INDEX campaign_name_told ON campaign_name (told_at)")
