"""Commands of this room."""

from pathlib import Path

import click
from flask.cli import AppGroup

from core import clock
from core.commands import json_option
from core.file_commands import import_file
from core.principal import system
from registry.region_files import REGIONS_UPLOAD

group = AppGroup("registry", help="区划和受益人。")

commands: tuple[click.Command, ...] = (group,)


@group.command("import-regions")
@json_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只检查，不保存。")
def import_regions(*, file: Path, dry_run: bool, as_json: bool) -> None:
    """导入区划表：新代码新增，改了名的改名，文件里没有的保留。"""
    import_file(
        system("registry import-regions"),
        REGIONS_UPLOAD,
        file,
        {},
        dry_run=dry_run,
        as_json=as_json,
        at=clock.utc_now(),
    )
