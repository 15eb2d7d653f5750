"""How organisations are told apart where somebody chooses one: villages of different townships bear the same names."""

from collections import defaultdict
from collections.abc import Iterable

from flask_babel import lazy_gettext
from sqlalchemy import select
from wtforms import SelectChoice

from accounts.models import Organisation
from core.database import db
from core.principal import OrganisationKind


def organisation_choices(ids: Iterable[int]) -> list[SelectChoice]:
    """The choices of these organisations for a select field: the county's, then those of each township together under
    the name of its office, in order of their codes."""
    wanted = set(ids)
    found = db.session.scalars(
        select(Organisation)
        .where(Organisation.id.in_(wanted))
        .order_by(Organisation.region_code, Organisation.kind, Organisation.id)
    ).all()
    names = _townships(organisation.region_code for organisation in found)
    groups: dict[str, list[SelectChoice]] = defaultdict(list)
    for organisation in found:
        group = names.get(_township_of(organisation.region_code), str(lazy_gettext("县级单位")))
        groups[group].append(SelectChoice(str(organisation.id), organisation.name, optgroup=group))
    return [choice for group in groups.values() for choice in group]


def placed_name(organisation: Organisation) -> str:
    """The name of an organisation as it stands by itself: a village's after that of its township's office."""
    if organisation.kind != OrganisationKind.VILLAGE.value:
        return organisation.name
    township = _townships([organisation.region_code]).get(_township_of(organisation.region_code))
    return f"{township} {organisation.name}" if township else organisation.name


def _township_of(region_code: str) -> str:
    return f"{region_code[:9]}000"


def _townships(region_codes: Iterable[str]) -> dict[str, str]:
    codes = {_township_of(code) for code in region_codes}
    rows = db.session.execute(
        select(Organisation.region_code, Organisation.name)
        .where(Organisation.kind == OrganisationKind.TOWNSHIP.value, Organisation.region_code.in_(codes))
        .order_by(Organisation.active, Organisation.id.desc())
    )
    return dict(rows.all())
