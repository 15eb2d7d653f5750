"""Verbs that change the registry: regions come in, a masked value is revealed."""

from collections.abc import Sequence
from datetime import datetime

from core import audit
from core.bulk import insert_columns, update_columns
from core.database import db
from core.errors import UserError
from core.principal import Principal
from registry import queries, rules
from registry.models import Beneficiary, Region
from registry.rules import PersonalField, ReadRegion, RegionChanges


def import_regions(principal: Principal, regions: Sequence[ReadRegion], *, at: datetime) -> RegionChanges:
    """Enter checked regions (rules.check_regions, parents first): new ones are added, a region with another name keeps
    its code and is renamed, one that the file lacks stays. Returns what changed; the same file again changes nothing.
    """
    principal.require(rules.IMPORT_REGIONS)
    changes = rules.compare_regions(regions, queries.region_names())
    if changes.added:
        columns = {
            "code": [region.code for region in changes.added],
            "name": [region.name for region in changes.added],
            "level": [region.level.value for region in changes.added],
            "parent_code": [region.parent_code for region in changes.added],
        }
        insert_columns(Region, columns, unless=("code",))
    if changes.renamed:
        columns = {
            "code": [region.code for region, _ in changes.renamed],
            "name": [region.name for region, _ in changes.renamed],
        }
        update_columns(Region, "code", columns)
    db.session.expire_all()
    audit.record(
        principal,
        "registry.import_regions",
        "regions",
        "",
        at=at,
        added=len(changes.added),
        renamed=len(changes.renamed),
        absent=len(changes.absent),
    )
    db.session.flush()
    return changes


def reveal(principal: Principal, beneficiary_id: int, what: PersonalField, reason: str, *, at: datetime) -> str:
    """The full ID number, phone or card number of a person, for a stated reason that goes into the audit log. Raises
    NotVisible outside the principal's regions, UserError without a usable reason or where there is nothing."""
    principal.require(rules.REVEAL_PERSONAL_DATA)
    person = queries.beneficiary(principal, beneficiary_id)
    reason = rules.checked_reason(reason)
    value = _value_of(person, what)
    if not value:
        raise UserError("这个人没有登记这一项，没有可以查看的内容。")
    audit.record(principal, "registry.reveal", "beneficiary", person.id, at=at, what=what.value, reason=reason)
    db.session.flush()
    return value


def _value_of(person: Beneficiary, what: PersonalField) -> str | None:
    match what:
        case PersonalField.ID_NUMBER:
            return person.id_number
        case PersonalField.PHONE:
            return person.phone
        case PersonalField.CARD:
            return person.card.number if person.card else None
