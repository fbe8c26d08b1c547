"""The toys' one table: how often each key was heard."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TABLE tally (step text, "
        "key text CHECK (key <> '00000000-0000-0000-0000-00000000000d'), "
        "state json NOT NULL, PRIMARY KEY (step, key))"
    )
