"""Commands of this room."""

from pathlib import Path

import click
from flask.cli import AppGroup

from core import clock
from core.commands import emit, json_option
from core.file_commands import import_file
from core.principal import system
from programmes import queries
from programmes.files import CATALOGUE_UPLOAD, FUND_PLAN_UPLOAD
from programmes.words import INCLUSION_STATES, OFFICES

group = AppGroup("programmes", help="补贴项目和资金计划。")

commands: tuple[click.Command, ...] = (group,)

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("import")
@json_option
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="只检查，不保存。")
def import_programmes(*, file: Path, dry_run: bool, as_json: bool) -> None:
    """导入政策清单和不相容规则；已有的项目按编码更新。"""
    principal = system("programmes import")
    import_file(principal, CATALOGUE_UPLOAD, file, {}, dry_run=dry_run, as_json=as_json, at=clock.utc_now())


@group.command("import-plan")
@json_option
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="只检查，不保存。")
def import_plan(*, file: Path, dry_run: bool, as_json: bool) -> None:
    """导入项目资金计划；登记过的不会重复，也不会修改。"""
    principal = system("programmes import-plan")
    import_file(principal, FUND_PLAN_UPLOAD, file, {}, dry_run=dry_run, as_json=as_json, at=clock.utc_now())


@group.command("undecided")
@json_option
def undecided(*, as_json: bool) -> None:
    """列出还没有定下发放方式的项目，各在等谁（B1、B2）。"""
    waiting = queries.waiting_programmes(system("programmes undecided"))
    emit({"programmes": [_as_json(found) for found in waiting]}, as_json, "\n".join(map(_as_text, waiting)) or "没有。")


def _as_json(found: queries.Waiting) -> dict[str, object]:
    case = found.case
    return {
        "code": found.programme.code,
        "name": found.programme.name,
        "department": found.programme.department_name,
        "case": case.id if case else None,
        "state": case.state if case else None,
        "since": found.since,
        "missing_opinions": list(found.missing),
        "opinions_due_on": case.opinions_due_on if case else None,
        "waits_for": list(found.desks),
    }


def _as_text(found: queries.Waiting) -> str:
    state = str(INCLUSION_STATES[found.case.state]) if found.case else "还没有提请"
    desks = "、".join(str(OFFICES[office]) for office in found.desks)
    return f"{found.programme.code}  {found.programme.name}  {state}  {found.since or ''}  等待：{desks}"
