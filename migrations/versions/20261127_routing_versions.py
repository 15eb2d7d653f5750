"""The county's routing of complaints in versions, and by which of them a complaint was routed."""

import sqlalchemy as sa
from alembic import op

revision = "f27a90c6e4b1"
down_revision = "c4e91b7d2f60"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ONE_AT_A_TIME = sa.text("state IN ('draft', 'proposed', 'approved')")
VERSIONS, RULES = "complaint_routing_versions", "complaint_routing_rules"


def _key(table: str, column: str, target: str, of: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.{of}"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    op.create_table(
        VERSIONS,
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("otherwise", sa.Text(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("written_by", ID, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        _key(VERSIONS, "written_by", "officials"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{VERSIONS}")),
        sa.UniqueConstraint("number", name=op.f(f"uq_{VERSIONS}_number")),
    )
    op.create_index(
        f"uq_{VERSIONS}_state", VERSIONS, ["state"], unique=True, sqlite_where=ONE_AT_A_TIME, postgresql_where=ONE_AT_A_TIME
    )
    op.create_table(
        RULES,
        sa.Column("id", ID, nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("matter", sa.Text()),
        sa.Column("category", sa.Text()),
        sa.Column("programme_id", ID),
        sa.Column("region_code", sa.String(15)),
        sa.Column("about_kind", sa.Text()),
        sa.Column("start", sa.Text(), nullable=False),
        sa.Column("organisation_id", ID),
        _key(RULES, "version_id", VERSIONS),
        _key(RULES, "programme_id", "programmes"),
        _key(RULES, "region_code", "regions", "code"),
        _key(RULES, "organisation_id", "organisations"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{RULES}")),
    )
    op.create_index("ix_complaint_routing_rules_version", RULES, ["version_id", "position"])
    op.add_column("complaints", sa.Column("routing_version", sa.Integer()))


def downgrade() -> None:
    op.drop_column("complaints", "routing_version")
    op.drop_table(RULES)
    op.drop_table(VERSIONS)
