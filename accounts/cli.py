"""Commands of this room."""

import click
from flask.cli import AppGroup

from accounts import doctor, operations, queries, second_factor  # noqa: F401 - the doctor asks it
from core import clock
from core.commands import emit, json_option
from core.database import db
from core.principal import OrganisationKind, Role, system
from core.web import settings

group = AppGroup("accounts", help="单位与经办人员。")


@group.command("add")
@json_option
@click.option("--username", required=True, help="登录用的用户名。")
@click.option("--name", required=True, help="姓名。")
@click.option("--organisation-kind", required=True, type=click.Choice([kind.value for kind in OrganisationKind]))
@click.option("--organisation-name", required=True, help="单位名称；没有就新增。")
@click.option("--region", default="", help="单位的区划代码，默认是本县。")
@click.option("--role", "roles", required=True, multiple=True, type=click.Choice([role.value for role in Role]))
def add(
    *,
    username: str,
    name: str,
    organisation_kind: str,
    organisation_name: str,
    region: str,
    roles: tuple[str, ...],
    as_json: bool,
) -> None:
    """新增经办人员，并输出一次性密码（只显示这一次）。"""
    principal, at = system("accounts add"), clock.utc_now()
    kind, code = OrganisationKind(organisation_kind), region or settings().county_code
    office = operations.find_organisation(kind, organisation_name, code) or operations.add_organisation(
        principal, kind, organisation_name, code, at=at
    )
    made = operations.add_official(principal, office, username, name, [Role(role) for role in roles], at=at)
    result = {
        "official_id": made.official.id,
        "username": made.official.username,
        "organisation_id": office.id,
        "roles": [held.role for held in made.official.roles],
        "password": made.password,
    }
    db.session.commit()
    emit(result, as_json, f"已新增 {result['username']}。一次性密码（首次登录后必须修改）：{made.password}")


@group.command("reset-sign-in")
@json_option
@click.option("--username", required=True, help="登录用的用户名。")
def reset_sign_in(*, username: str, as_json: bool) -> None:
    """重置密码并停用动态验证码，输出一次性密码（只显示这一次）：连管理员自己也进不来时用。"""
    principal, at = system("accounts reset-sign-in"), clock.utc_now()
    person = queries.official_by_username(username)
    password = operations.reset_password(principal, person, at=at)
    had_second_factor = second_factor.confirmed(person.id) is not None
    if had_second_factor:
        second_factor.remove(principal, person, at=at)
    result = {"username": person.username, "second_factor_removed": had_second_factor, "password": password}
    db.session.commit()
    emit(result, as_json, f"{result['username']} 的一次性密码（首次登录后必须修改）：{password}")


commands: tuple[click.Command, ...] = (group,)
