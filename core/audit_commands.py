"""Commands of the audit log: verify, seal, archive, protect."""

from dataclasses import asdict
from datetime import datetime, time
from pathlib import Path

import click
from flask.cli import AppGroup

from core import audit, clock
from core.audit import archive as archives
from core.audit import guards, verification
from core.commands import emit, json_option
from core.database import db, only_reads
from core.errors import UserError
from core.msgid import N_
from core.principal import system

audit_commands = AppGroup("audit", help="审计日志。")
FOLDER = click.Path(file_okay=False, path_type=Path)


def _verdict(folder: Path | None) -> audit.Verdict:
    with only_reads():
        if folder is not None:
            archives.verify_files(folder)
        verdict = audit.verify(verification.marks())
    db.session.rollback()  # the reader's transaction
    return verdict


@audit_commands.command("verify")
@json_option
@click.option("--archives", "folder", type=FOLDER, help="连同这个目录里的归档文件一起核对。")
def verify_audit(*, folder: Path | None, as_json: bool) -> None:
    """从头（已移出的从归档的末尾）核对审计日志的封存链，完整则把待封存的接着封上；有改动、删除或调换则以 1 退出。"""
    verdict = _verdict(folder)
    if verdict.broken_at is None and verdict.unsealed:
        # What no link covers yet, nothing could find out about: a county that runs no worker has this command only.
        audit.seal(at=clock.utc_now())
        db.session.commit()
        verdict = _verdict(None)
    verification.note(verdict, at=clock.utc_now())
    db.session.commit()
    text = f"封存链完整：已核对 {verdict.verified} 条，待封存 {verdict.unsealed} 条。链尾 {verdict.head}"
    if verdict.broken_at is not None:
        text = (
            f"封存链在第 {verdict.broken_at} 条断开：之后的内容可能被改动、删除或调换。前 {verdict.verified} 条完整。"
        )
    emit(asdict(verdict), as_json, text)
    if verdict.broken_at is not None:
        raise SystemExit(1)


@audit_commands.command("seal")
@json_option
def seal_audit(*, as_json: bool) -> None:
    """立即封存审计日志中尚未封存的部分（平时由后台每五分钟封存一次）。"""
    sealed = audit.seal(at=clock.utc_now())
    db.session.commit()
    emit({"sealed": sealed}, as_json, f"已封存 {sealed} 条。")


@audit_commands.command("archive")
@json_option
@click.option("--before", required=True, type=click.DateTime(["%Y-%m-%d"]), help="归档这一天以前的记录（不含当天）。")
@click.option("--out", "folder", required=True, type=FOLDER, help="归档文件放在哪个目录。")
@click.option("--remove", is_flag=True, help="归档文件核对无误后，把这些记录移出数据库。")
def archive_audit(*, before: datetime, folder: Path, remove: bool, as_json: bool) -> None:
    """把已封存的较早记录写成压缩的归档文件（至少满六个月）。中断以后再运行一次即可。

    归档文件里有涉密投诉的编号，只有数据库的管理者可以接触；请另存一份到别处。
    """
    if guards.is_protected():
        raise UserError(N_("归档要用数据库表的所有者来办：请把 YKT_DATABASE_URL 换成所有者的再运行。"))
    earliest = datetime.combine(before.date(), time.min, clock.SHANGHAI)
    made, removed = archives.archive(system("audit archive"), earliest, folder, remove=remove, at=clock.utc_now())
    files = [one.file_name for one in made]
    text = f"已归档 {len(files)} 个文件，移出数据库 {removed} 条。" + "".join(f"\n{name}" for name in files)
    emit({"files": files, "removed": removed}, as_json, text)


@audit_commands.command("protect")
@json_option
@click.option("--role", required=True, help="程序连接数据库所用的角色。")
def protect_audit(*, role: str, as_json: bool) -> None:
    """由数据库表的所有者运行：给程序的角色所需的权限，而对审计日志只给读取和追加。每次升级以后再运行一次。"""
    statements = guards.protect(role)
    audit.record(system("audit protect"), "audit.protect", "audit", "", at=clock.utc_now())
    db.session.commit()
    emit({"statements": statements}, as_json, f"角色 {role} 对审计日志只能读取和追加。")
