"""Counters against floods, over the database: they hold for all processes together."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, BlindIndex


class RateCounter(Base):
    """How often something was tried in one window. The key is a keyed hash: no address or ID number is stored."""

    __tablename__ = "rate_counters"

    key: Mapped[bytes] = mapped_column(BlindIndex("rate"), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(index=True)
