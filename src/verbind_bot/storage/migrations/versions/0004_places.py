"""Where an intake is shown: a message in a chat, whose thread belongs to the intake."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "places",
        sa.Column("place", sa.String(160), primary_key=True),
        sa.Column("intake_id", sa.String(64), sa.ForeignKey("intakes.id", ondelete="CASCADE"), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("places")
