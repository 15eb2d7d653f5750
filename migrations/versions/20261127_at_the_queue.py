"""Cases taken over, an office's wordings, answers that a second person approves, who has a case open, saved views."""

import sqlalchemy as sa
from alembic import op

revision = "b83f0d6a51c9"
down_revision = "e5b27c90d418"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
WAITS = sa.text("decided_at IS NULL")


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    op.create_table(
        "complaint_takeovers",
        sa.Column("id", ID, nullable=False),
        sa.Column("complaint_id", ID, nullable=False),
        sa.Column("from_organisation_id", ID, nullable=False),
        sa.Column("to_organisation_id", ID, nullable=False),
        sa.Column("official_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        _key("complaint_takeovers", "complaint_id", "complaints"),
        _key("complaint_takeovers", "from_organisation_id", "organisations"),
        _key("complaint_takeovers", "to_organisation_id", "organisations"),
        _key("complaint_takeovers", "official_id", "officials"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_takeovers")),
        sa.UniqueConstraint("complaint_id", "to_organisation_id", name=op.f("uq_complaint_takeovers_complaint_id_to_organisation_id")),
    )
    op.create_index("ix_complaint_takeovers_from", "complaint_takeovers", ["from_organisation_id", "complaint_id"])
    op.create_table(
        "complaint_wordings",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_by", ID, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT),
        _key("complaint_wordings", "organisation_id", "organisations"),
        _key("complaint_wordings", "changed_by", "officials"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_wordings")),
    )
    op.create_index(op.f("ix_complaint_wordings_organisation_id"), "complaint_wordings", ["organisation_id"])
    op.create_table(
        "complaint_approval_settings",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("official_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        _key("complaint_approval_settings", "organisation_id", "organisations"),
        _key("complaint_approval_settings", "official_id", "officials"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_approval_settings")),
    )
    op.create_index(
        op.f("ix_complaint_approval_settings_organisation_id"), "complaint_approval_settings", ["organisation_id"]
    )
    op.create_table(
        "complaint_draft_answers",
        sa.Column("id", ID, nullable=False),
        sa.Column("complaint_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("written_by", ID, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("approved", sa.Boolean()),
        sa.Column("decided_by", ID),
        sa.Column("decided_at", INSTANT),
        _key("complaint_draft_answers", "complaint_id", "complaints"),
        _key("complaint_draft_answers", "organisation_id", "organisations"),
        _key("complaint_draft_answers", "written_by", "officials"),
        _key("complaint_draft_answers", "decided_by", "officials"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_draft_answers")),
    )
    op.create_index(
        "uq_complaint_draft_answers_waiting",
        "complaint_draft_answers",
        ["complaint_id"],
        unique=True,
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
    op.create_index(
        "ix_complaint_draft_answers_office",
        "complaint_draft_answers",
        ["organisation_id", "complaint_id"],
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
    op.create_table(
        "complaint_openings",
        sa.Column("complaint_id", ID, nullable=False),
        sa.Column("official_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        _key("complaint_openings", "complaint_id", "complaints"),
        _key("complaint_openings", "official_id", "officials"),
        sa.PrimaryKeyConstraint("complaint_id", "official_id", name=op.f("pk_complaint_openings")),
    )
    op.create_table(
        "complaint_saved_views",
        sa.Column("id", ID, nullable=False),
        sa.Column("official_id", ID, nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        _key("complaint_saved_views", "official_id", "officials"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_saved_views")),
        sa.UniqueConstraint("official_id", "page", "name", name=op.f("uq_complaint_saved_views_official_id_page_name")),
    )


def downgrade() -> None:
    for table in ("saved_views", "openings", "draft_answers", "approval_settings", "wordings", "takeovers"):
        op.drop_table(f"complaint_{table}")
