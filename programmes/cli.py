"""Commands of this room."""

from pathlib import Path

import click
from flask.cli import AppGroup

from core import clock
from core.commands import json_option
from core.file_commands import import_file
from core.principal import system
from programmes.files import CATALOGUE_UPLOAD, FUND_PLAN_UPLOAD

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
