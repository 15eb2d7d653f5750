"""People and offices for tests: every name here is invented."""

from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path

from sqlalchemy import select

from accounts.models import Official, OfficialRole, Organisation
from core.bulk import insert_columns
from core.database import db
from core.identity import card_tail, name_key
from core.money import Fen
from core.principal import OrganisationKind, Principal, PrincipalKind, Role, region_prefix
from programmes.models import FundLine, Programme
from registry.models import Beneficiary, Card, Region

COUNTY = "513426000000"
AT = datetime(2020, 7, 6, 2, tzinfo=UTC)
SAMPLES = Path(__file__).parent / "data" / "samples"
# A hash that no password matches: tests of sign-in make their own.
NO_PASSWORD = "!"

_serial = count(1)


def organisation(kind: OrganisationKind, region_code: str = COUNTY, name: str = "") -> Organisation:
    """An office of that kind for that region; asked for again, the same one."""
    name = name or f"{kind.value} {region_code}"
    known = db.session.scalar(
        select(Organisation).where(
            Organisation.kind == kind.value, Organisation.region_code == region_code, Organisation.name == name
        )
    )
    if known is None:
        known = Organisation(kind=kind.value, name=name, region_code=region_code)
        db.session.add(known)
        db.session.flush()
    return known


def official(
    kind: OrganisationKind, *roles: Role, region_code: str = COUNTY, organisation_name: str = "", username: str = ""
) -> Official:
    """A new official with these roles in the office of that kind and region."""
    number = next(_serial)
    person = Official(
        organisation_id=organisation(kind, region_code, organisation_name).id,
        username=username or f"official{number}",
        name=f"经办{number}",
        password_hash=NO_PASSWORD,
        must_change_password=False,
        created_at=AT,
        roles=[OfficialRole(role=role.value) for role in roles],
    )
    db.session.add(person)
    db.session.flush()
    return person


def principal_for(person: Official) -> Principal:
    """The principal that this official signs in as."""
    return Principal(
        kind=PrincipalKind.OFFICIAL,
        name=person.name,
        official_id=person.id,
        organisation_id=person.organisation_id,
        organisation_kind=OrganisationKind(person.organisation.kind),
        roles=frozenset(Role(role.role) for role in person.roles),
        region_prefix=region_prefix(person.organisation.region_code),
    )


def principal(
    kind: OrganisationKind, *roles: Role, region_code: str = COUNTY, organisation_name: str = ""
) -> Principal:
    """A new official, signed in."""
    return principal_for(official(kind, *roles, region_code=region_code, organisation_name=organisation_name))


@cache
def _regions() -> dict[str, list[str | None]]:
    lines = (SAMPLES / "regions.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    codes, names, levels, parents = zip(*(line.split(",") for line in lines if line), strict=True)
    return {
        "code": list(codes),
        "name": list(names),
        "level": list(levels),
        "parent_code": [parent or None for parent in parents],
    }


def load_regions() -> None:
    """The county of the sample file: 19 townships with three villages of four groups each."""
    insert_columns(Region, _regions())


def programme(code: str = "DISABLED_LIVING", name: str = "困难残疾人生活补贴", **more: object) -> Programme:
    """A programme on the platform, of a department named 县民政局."""
    department = organisation(OrganisationKind.DEPARTMENT, name="县民政局")
    values: dict[str, object] = {
        "department_name": "县民政局",
        "department_id": department.id,
        "target": "低保家庭中的残疾人",
        "standard": "90元/人·月",
        "unit": "人",
        "frequency": "季度",
        "channel": "platform",
        "created_at": AT,
    }
    made = Programme(code=code, name=name, **(values | more))
    db.session.add(made)
    db.session.flush()
    return made


def fund_line(programme_id: int, amount_fen: int, year: int = 2020) -> FundLine:
    """This year's money for a programme."""
    line = FundLine(
        programme_id=programme_id,
        year=year,
        source="current_year",
        level="县级",
        document_number=f"东财社〔{year}〕{next(_serial)}号",
        amount_fen=Fen(amount_fen),
        recorded_on=AT.date(),
    )
    db.session.add(line)
    db.session.flush()
    return line


def beneficiary(
    name: str, id_number: str, region_code: str, *, phone: str | None = None, card_number: str | None = None
) -> Beneficiary:
    """A person in the registry, with a card of his own where a number is given."""
    card = None
    if card_number:
        card = Card(
            number=card_number, number_index=card_number, tail=card_tail(card_number), holder_name=name, created_at=AT
        )
        db.session.add(card)
    person = Beneficiary(
        name=name,
        name_key=name_key(name),
        id_number=id_number,
        id_number_index=id_number,
        region_code=region_code,
        phone=phone,
        phone_index=phone,
        card=card,
        created_at=AT,
    )
    db.session.add(person)
    db.session.flush()
    return person
