"""Regions, beneficiaries and their cards."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, BlindIndex, EncryptedText, Id


class Region(Base):
    """County, township, village or group. Codes have 12 digits, a group's 15."""

    __tablename__ = "regions"

    code: Mapped[str] = mapped_column(String(15), primary_key=True)
    name: Mapped[str]
    level: Mapped[str]
    parent_code: Mapped[str | None] = mapped_column(String(15), ForeignKey("regions.code"), index=True)

    parent: Mapped["Region | None"] = relationship(remote_side=[code])

    @property
    def path(self) -> str:
        """The names from the township down: 鲹鱼河镇石门坎村1社. A county has its own name."""
        above = self.parent
        return self.name if above is None or above.parent_code is None else above.path + self.name


HELD = "holder_index IS NOT NULL"


class Card(Base):
    """A social-security card or account that receives money. One card may serve a household.

    ``arrival_sms`` says whether the bank itself sends a message when money arrives (B9); None until a bank has said.
    ``holder_index`` is the hashed ID number of a holder who receives for others, where a roll or the township names it:
    by it he finds what came to his card, with or without a record of his own.
    """

    __tablename__ = "cards"
    __table_args__ = (
        # What a beneficiary's card_index refers to: the pair is unique because its first half is.
        UniqueConstraint("id", "number_index"),
        # Few cards serve others than the one who brought them.
        Index("ix_cards_holder", "holder_index", sqlite_where=text(HELD), postgresql_where=text(HELD)),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(EncryptedText("card"))
    number_index: Mapped[bytes] = mapped_column(BlindIndex("card"), unique=True)
    tail: Mapped[str] = mapped_column(String(4))
    holder_name: Mapped[str]
    holder_index: Mapped[bytes | None] = mapped_column(BlindIndex("id_number"))
    bank_name: Mapped[str] = mapped_column(default="", index=True)
    arrival_sms: Mapped[bool | None]
    created_at: Mapped[datetime]


# The index that alone answers what a roll asks about a person (see registry.enrolment).
ROLL_INDEX = "ix_beneficiaries_roll"
IN_HOUSEHOLD = "household_number <> ''"
# Few records are doubles: an index of those alone tells a roll where their lines go.
MERGED = "merged_into_id IS NOT NULL"


class Beneficiary(Base):
    """A person whom a subsidy is for. ``card`` is the card his money goes to now, his own or a payee's.

    ``card_index`` repeats the card's ``number_index``, and the database holds the two equal: a roll of 100,000 lines
    learns from one index whom it names, and whether his name, card and phone are still the same.
    """

    __tablename__ = "beneficiaries"
    __table_args__ = (
        Index("ix_beneficiaries_region_name", "region_code", "name_key"),
        Index("ix_beneficiaries_name_key", "name_key"),
        Index(
            "ix_beneficiaries_household",
            "household_number",
            sqlite_where=text(IN_HOUSEHOLD),
            postgresql_where=text(IN_HOUSEHOLD),
        ),
        Index(
            "ix_beneficiaries_merged", "merged_into_id", "id", sqlite_where=text(MERGED), postgresql_where=text(MERGED)
        ),
        # PostgreSQL answers from an index alone only if it holds the id as well; on SQLite every index does.
        Index(
            ROLL_INDEX,
            "id_number_index",
            "name_key",
            "card_id",
            "card_index",
            "phone_index",
            postgresql_include=["id"],
        ),
        ForeignKeyConstraint(["card_id", "card_index"], ["cards.id", "cards.number_index"], onupdate="CASCADE"),
        CheckConstraint("(card_id IS NULL) = (card_index IS NULL)", name="card_complete"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str]
    id_number: Mapped[str] = mapped_column(EncryptedText("id_number"))
    id_number_index: Mapped[bytes] = mapped_column(BlindIndex("id_number"), unique=True)
    region_code: Mapped[str] = mapped_column(String(15), ForeignKey("regions.code"))
    phone: Mapped[str | None] = mapped_column(EncryptedText("phone"))
    phone_index: Mapped[bytes | None] = mapped_column(BlindIndex("phone"), index=True)
    phone_source: Mapped[str] = mapped_column(default="")
    # When somebody gave back a code sent to this number; another number is not confirmed yet.
    phone_confirmed_at: Mapped[datetime | None]
    card_id: Mapped[int | None] = mapped_column(Id, index=True)
    card_index: Mapped[bytes | None] = mapped_column(BlindIndex("card"))
    # living, dead or moved, since which day, and who said so.
    status: Mapped[str] = mapped_column(default="living")
    status_on: Mapped[date | None]
    status_source: Mapped[str] = mapped_column(default="")
    # The number of the household register (户编号); empty where nobody has brought it.
    household_number: Mapped[str] = mapped_column(default="")
    # What he is in that household: 户主, 配偶, 子 … in the register's own words.
    household_relation: Mapped[str] = mapped_column(default="")
    # Set when this record turned out to be a double: everything of it has gone to that one.
    merged_into_id: Mapped[int | None] = mapped_column(Id, ForeignKey("beneficiaries.id"))
    created_at: Mapped[datetime]

    card: Mapped[Card | None] = relationship()
    region: Mapped[Region] = relationship()
