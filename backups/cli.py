"""Commands of this room."""

from pathlib import Path

import click
from flask.cli import AppGroup

from backups import doctor, operations  # noqa: F401 -- the doctor asks it
from core import clock
from core.commands import emit, json_option
from core.database import db
from core.principal import system

group = AppGroup("backup", help="备份和恢复。备份文件是加密的，密钥文件要另外保管。")
commands = (group,)
FILE = click.Path(path_type=Path, dir_okay=False)


@group.command("create")
@json_option
@click.option("--folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="放备份的文件夹。")
@click.option("--keep-days", type=click.IntRange(1), help="顺便删除比这更早的备份，最新的一份总是留着。")
def create(*, folder: Path, keep_days: int | None, as_json: bool) -> None:
    """做一份加密的备份；网站照常使用。"""
    at = clock.utc_now()
    made = operations.create(system("backup create"), folder, at=at)
    db.session.commit()
    gone = operations.prune(folder, keep_days=keep_days, at=at) if keep_days else []
    rows = sum(made.manifest.rows.values())
    emit(
        {"file": str(made.path), "bytes": made.size, "rows": rows, "deleted": [path.name for path in gone]},
        as_json,
        f"已备份 {rows} 行到 {made.path}（{made.size / 1024**2:.1f} MB）。"
        + (f"删除了 {len(gone)} 份旧的。" if gone else "")
        + "请把它存到另一台机器；密钥文件另外保管，缺了密钥谁也打不开。",
    )


@group.command("check")
@json_option
@click.argument("file", type=FILE)
def check(*, file: Path, as_json: bool) -> None:
    """把一份备份从头读到尾，看能不能恢复。什么也不改。"""
    manifest = operations.check(file)
    rows = sum(manifest.rows.values())
    emit(
        {"made_at": manifest.made_at, "database": manifest.database, "revision": manifest.revision, "rows": rows},
        as_json,
        f"备份完好：{manifest.made_at}，{manifest.database}，共 {rows} 行。",
    )


@group.command("restore")
@json_option
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="数据库里已有的内容全部由备份替换。")
def restore(*, file: Path, replace: bool, as_json: bool) -> None:
    """用一份备份恢复数据库。请先停下网站和后台程序。"""
    manifest = operations.restore(system("backup restore"), file, replace=replace, at=clock.utc_now())
    emit(
        {"made_at": manifest.made_at, "revision": manifest.revision, "rows": sum(manifest.rows.values())},
        as_json,
        f"已恢复到 {manifest.made_at} 的状态，逐表核对过行数。"
        "接着请运行 flask db upgrade、flask audit verify 和 flask doctor，"
        "再照 docs/operations.md“恢复以后”处理短信和银行文件，最后启动网站和后台程序。",
    )
