"""Reads of the registry."""

from sqlalchemy import select

from core.database import db, region_scope
from core.principal import region_prefix
from registry.models import Region


def regions_of_township(code: str) -> list[Region]:
    """The township with all its villages and groups, by code. Regions are public: anybody may read them."""
    scope = region_scope(Region.code, region_prefix(code))
    return list(db.session.scalars(select(Region).where(scope).order_by(Region.code)))
