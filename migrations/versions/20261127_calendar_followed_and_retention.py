"""Due days follow the calendar; what went up is marked; how long cases are kept, holds, and what is left of a case."""

import sqlalchemy as sa
from alembic import op

revision = "a41e7c93d0b5"
down_revision = "c40a7e19d5b2"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def _where(sqlite: str, postgresql: str = "") -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(sqlite), "postgresql_where": sa.text(postgresql or sqlite)}


# Name, columns, condition: of what this version replaces and of what it puts there.
BEFORE = (
    ("ix_complaints_owner_queue", ["owner_id", "sealed", "queue_on", "number", "about_organisation_id"], {}),
    ("ix_complaints_confidential", ["id"], _where("confidential = 1", "confidential")),
    ("ix_complaints_owner_received", ["owner_id", "received_at", "number"], {}),
)
AFTER = (
    ("ix_complaints_owner_queue", ["owner_id", "sealed", "queue_on", "number", "about_organisation_id", "erased_on"], {}),
    ("ix_complaints_handler_queue", ["handler_id", "queue_on", "owner_id", "sealed", "about_organisation_id"], {}),
    (
        "ix_complaints_confidential",
        ["received_at", "number", "sealed", "about_organisation_id", "erased_on"],
        _where("confidential = 1", "confidential"),
    ),
    (
        "ix_complaints_went_up_queue",
        ["queue_on", "number", "sealed", "owner_id", "about_organisation_id"],
        _where("went_up = 1", "went_up"),
    ),
    (
        "ix_complaints_went_up_received",
        ["received_at", "number", "sealed", "about_organisation_id", "erased_on"],
        _where("went_up = 1", "went_up"),
    ),
    (
        "ix_complaints_owner_received",
        ["owner_id", "received_at", "number", "sealed", "about_organisation_id", "erased_on"],
        {},
    ),
    (
        "ix_complaints_ended",
        ["sealed", "category", "closed_at", "id"],
        _where("erase_on IS NULL AND closed_at IS NOT NULL"),
    ),
    (
        "ix_complaints_erase_on",
        ["owner_id", "erase_on", "number"],
        _where("erase_on IS NOT NULL AND erased_on IS NULL"),
    ),
)
PROVISIONAL = _where("stopped_on IS NULL AND provisional = 1", "stopped_on IS NULL AND provisional")


def upgrade() -> None:
    for name, _columns, _condition in BEFORE:
        op.drop_index(name, table_name="complaints")
    op.drop_index("ix_complaint_clocks_provisional", table_name="complaint_clocks")
    op.add_column("complaints", sa.Column("went_up", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("complaints", sa.Column("erase_on", sa.Date()))
    op.add_column("complaints", sa.Column("erased_on", sa.Date()))
    op.execute(
        sa.text(
            "UPDATE complaints SET went_up = :yes WHERE id IN (SELECT complaint_id FROM complaint_escalations)"
        ).bindparams(sa.bindparam("yes", True, sa.Boolean()))
    )
    with op.batch_alter_table("complaints") as batch:
        batch.alter_column("went_up", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    for name, columns, condition in AFTER:
        op.create_index(name, "complaints", columns, **condition)
    for table, column in (("complaint_extensions", "asked_by"), ("complaint_takeovers", "official_id")):
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, existing_type=ID, nullable=True)
    op.create_index(
        "ix_complaint_extensions_undecided",
        "complaint_extensions",
        ["clock_id", "asked_by"],
        **_where("granted IS NULL"),
    )
    op.create_table(
        "complaint_followed_calendars",
        sa.Column("id", ID, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_followed_calendars")),
    )
    op.create_table(
        "complaint_retention_settings",
        sa.Column("id", ID, nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("official_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        _key("complaint_retention_settings", "official_id", "officials"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_retention_settings")),
    )
    op.create_index("ix_complaint_retention_settings_category", "complaint_retention_settings", ["category", "id"])
    op.create_table(
        "complaint_holds",
        sa.Column("id", ID, nullable=False),
        sa.Column("complaint_id", ID, nullable=False),
        sa.Column("organisation_id", ID, nullable=False),
        sa.Column("official_id", ID, nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("lifted_by", ID),
        sa.Column("lifted_at", INSTANT),
        _key("complaint_holds", "complaint_id", "complaints"),
        _key("complaint_holds", "organisation_id", "organisations"),
        _key("complaint_holds", "official_id", "officials"),
        _key("complaint_holds", "lifted_by", "officials"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_holds")),
    )
    op.create_index(
        "uq_complaint_holds_standing",
        "complaint_holds",
        ["complaint_id", "organisation_id"],
        unique=True,
        **_where("lifted_at IS NULL"),
    )
    op.create_index("ix_complaint_holds_complaint", "complaint_holds", ["complaint_id"])


def downgrade() -> None:
    # What was deleted is gone: its rows stay as they are, empty. Who asked is no longer known of some; nobody is put
    # in their place, so those columns stay as they are for the version before, which never writes a blank.
    for table in ("complaint_holds", "complaint_retention_settings", "complaint_followed_calendars"):
        op.drop_table(table)
    op.drop_index("ix_complaint_extensions_undecided", table_name="complaint_extensions")
    for name, _columns, _condition in AFTER:
        op.drop_index(name, table_name="complaints")
    with op.batch_alter_table("complaints") as batch:
        for column in ("erased_on", "erase_on", "went_up"):
            batch.drop_column(column)
    for name, columns, condition in BEFORE:
        op.create_index(name, "complaints", columns, **condition)
    op.create_index("ix_complaint_clocks_provisional", "complaint_clocks", ["due_on", "id"], **PROVISIONAL)
