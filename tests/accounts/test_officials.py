"""Who manages whom; accounts are made, closed and reopened."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts import operations, queries
from accounts.models import Official
from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind, Role, system
from tests import factories
from tests.factories import AT

TOWNSHIP = "513426100000"
VILLAGE = "513426100201"


def test_finance_manages_the_county_but_not_the_discipline_commission(app: Flask) -> None:
    finance = factories.principal(OrganisationKind.FINANCE, Role.ADMINISTRATOR)
    township = factories.organisation(OrganisationKind.TOWNSHIP, TOWNSHIP)
    discipline = factories.organisation(OrganisationKind.DISCIPLINE)
    assert operations.add_official(finance, township, "gao", "高原", [Role.PREPARER], at=AT).official.id
    with pytest.raises(PermissionDenied):
        operations.add_official(finance, discipline, "spy", "某人", [Role.COMPLAINT_HANDLER], at=AT)
    with pytest.raises(PermissionDenied):
        operations.add_organisation(finance, OrganisationKind.DISCIPLINE, "县纪委监委二室", factories.COUNTY, at=AT)
    visible = db.session.scalars(queries.organisations(finance)).all()
    assert township in visible
    assert discipline not in visible


def test_a_department_manages_only_its_own_people(app: Flask) -> None:
    department = factories.principal(OrganisationKind.DEPARTMENT, Role.ADMINISTRATOR, organisation_name="县民政局")
    other = factories.official(OrganisationKind.DEPARTMENT, Role.PREPARER, organisation_name="县农业农村局")
    colleague = factories.official(OrganisationKind.DEPARTMENT, Role.PREPARER, organisation_name="县民政局")
    with pytest.raises(NotVisible):
        queries.official(department, other.id)
    with pytest.raises(PermissionDenied):
        operations.reset_password(department, other, at=AT)
    assert operations.reset_password(department, queries.official(department, colleague.id), at=AT)


def test_a_township_manages_its_villages(app: Flask) -> None:
    township = factories.principal(OrganisationKind.TOWNSHIP, Role.ADMINISTRATOR, region_code=TOWNSHIP)
    own = factories.organisation(OrganisationKind.VILLAGE, VILLAGE)
    foreign = factories.organisation(OrganisationKind.VILLAGE, "513426101201")
    assert operations.add_official(township, own, "village.one", "村会计", [Role.VIEWER], at=AT).official.id
    with pytest.raises(PermissionDenied):
        operations.add_official(township, foreign, "village.two", "村会计", [Role.VIEWER], at=AT)


def test_without_the_administrators_role_nobody_manages_anybody(app: Flask) -> None:
    finance = factories.principal(OrganisationKind.FINANCE, Role.PREPARER, Role.APPROVER)
    with pytest.raises(PermissionDenied):
        queries.officials(finance)
    with pytest.raises(PermissionDenied):
        operations.add_organisation(finance, OrganisationKind.TOWNSHIP, "某镇", TOWNSHIP, at=AT)


@pytest.mark.parametrize(
    ("username", "name", "roles"),
    [("a", "高原", [Role.VIEWER]), ("高原", "高原", [Role.VIEWER]), ("gao", " ", [Role.VIEWER]), ("gao", "高原", [])],
)
def test_incomplete_accounts_are_refused(app: Flask, username: str, name: str, roles: list[Role]) -> None:
    office = factories.organisation(OrganisationKind.TOWNSHIP, TOWNSHIP)
    with pytest.raises(UserError):
        operations.add_official(system("test"), office, username, name, roles, at=AT)


def test_a_user_name_and_an_office_exist_once(app: Flask) -> None:
    office = factories.organisation(OrganisationKind.TOWNSHIP, TOWNSHIP)
    operations.add_official(system("test"), office, "gao", "高原", [Role.VIEWER], at=AT)
    with pytest.raises(Conflict):
        operations.add_official(system("test"), office, " GAO ", "高山", [Role.VIEWER], at=AT)
    with pytest.raises(Conflict):
        operations.add_organisation(system("test"), OrganisationKind.TOWNSHIP, office.name, TOWNSHIP, at=AT)


def test_nobody_closes_his_own_account(app: Flask) -> None:
    person = factories.official(OrganisationKind.FINANCE, Role.ADMINISTRATOR)
    with pytest.raises(UserError):
        operations.set_active(factories.principal_for(person), person, False, at=AT)


def test_each_operation_leaves_one_entry_without_personal_data(app: Flask) -> None:
    finance = factories.principal(OrganisationKind.FINANCE, Role.ADMINISTRATOR)
    office = operations.add_organisation(finance, OrganisationKind.TOWNSHIP, "某镇人民政府", TOWNSHIP, at=AT)
    made = operations.add_official(finance, office, "gao", "高原", [Role.VIEWER], at=AT)
    operations.set_active(finance, made.official, False, at=AT)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == ["organisation.add", "official.add", "official.close"]
    assert "高原" not in str([entry.details for entry in entries])
    assert made.password not in str([entry.details for entry in entries])
    assert db.session.scalar(select(func.count()).select_from(Official)) == 2


def test_the_condition_on_rows_says_what_the_rule_says(app: Flask) -> None:
    offices = [
        factories.organisation(kind, region)
        for kind in OrganisationKind
        for region in (factories.COUNTY, TOWNSHIP, VILLAGE, "513426101000")
    ]
    for office in list(offices):
        boss = factories.principal(OrganisationKind(office.kind), Role.ADMINISTRATOR, region_code=office.region_code)
        seen = {row.id for row in db.session.scalars(queries.organisations(boss))}
        allowed = set()
        for other in offices:
            try:
                operations.require_management(boss, other)
            except PermissionDenied:
                continue
            allowed.add(other.id)
        assert seen == allowed
