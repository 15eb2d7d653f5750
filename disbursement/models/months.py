"""Months that are closed: nothing dated in them changes any more (B7)."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id


class ClosedMonth(Base):
    """A month (YYYY-MM) that finance has closed. Reconciliation writes it; payments and bank files ask for it."""

    __tablename__ = "closed_months"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    closed_at: Mapped[datetime]
    closed_by: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)
