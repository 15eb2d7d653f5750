"""Commands of the ground floor: the keys, the worker, and documents printed from the code."""

from dataclasses import asdict
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from core import clock, doctor, jobs, retention_document, rotation, state_document, tasks
from core.audit_commands import audit_commands
from core.commands import emit, json_option
from core.database import db, only_reads
from core.principal import system
from core.working_days import seed_calendar

key_commands = AppGroup("keys", help="加密密钥。")
calendar_commands = AppGroup("calendar", help="工作日历。")
document_commands = AppGroup("docs", help="从程序生成的文档。")
assert tasks, "imported so that the worker knows the periodic work"


@key_commands.command("rotate")
@json_option
def rotate_keys(*, as_json: bool) -> None:
    """用当前密钥重新加密全部数据；运行期间系统照常使用，中断后可以接着运行。"""
    done = rotation.rotate(system("keys rotate"), at=clock.utc_now())
    with only_reads():
        left = rotation.waiting()
    total = sum(done.values())
    text = f"已重新加密 {total} 行。" + (
        "旧密钥可以撤下。" if not left else f"还有 {sum(left.values())} 行，请再运行一次。"
    )
    emit({"reencrypted": done, "left": left}, as_json, text)


@calendar_commands.command("import")
@json_option
def import_calendar(*, as_json: bool) -> None:
    """录入程序自带的放假和调休中还没有的日子；已经改过的不动。"""
    added = seed_calendar()
    db.session.commit()
    emit({"added": added}, as_json, f"已录入 {added} 天。")


@document_commands.command("states")
@json_option
def document_states(*, as_json: bool) -> None:
    """把各项业务的状态表写到 docs/states.md。"""
    path = Path(current_app.root_path) / "docs" / "states.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(state_document.render(), encoding="utf-8")
    emit({"file": "docs/states.md"}, as_json)


@document_commands.command("retention")
@json_option
def document_retention(*, as_json: bool) -> None:
    """把各数据表保存多久写到 docs/retention.md。"""
    path = Path(current_app.root_path) / "docs" / "retention.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(retention_document.render(), encoding="utf-8")
    emit({"file": "docs/retention.md"}, as_json)


MARKS = {doctor.Health.GOOD: "好  ", doctor.Health.DOUBTFUL: "注意", doctor.Health.BAD: "有错"}


@click.command("doctor")
@json_option
@with_appcontext
def examine(*, as_json: bool) -> None:
    """检查这套安装哪里有问题、怎么办；有错的以 1 退出。什么也不改。"""
    with only_reads():
        findings = doctor.examine(current_app.extensions["settings"], at=clock.utc_now())
    bad = sum(finding.health == doctor.Health.BAD for finding in findings)
    lines = [f"{MARKS[finding.health]}  {finding.about}：{finding.sentence}" for finding in findings]
    emit({"bad": bad, "findings": [asdict(finding) for finding in findings]}, as_json, "\n".join(lines))
    if bad:
        raise SystemExit(1)


@click.command("worker")
@click.option("--no-periodic", is_flag=True, help="不运行定时任务（多台机器时只留一台运行）。")
@click.option("--workers", default=2, show_default=True, help="同时办理的任务数。")
@with_appcontext
def worker(*, no_periodic: bool, workers: int) -> None:
    """办理后台任务，直到收到停止信号。"""
    # The proxy has the method; its annotation, that of a Flask, has not.
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    jobs.run_worker(app, workers=workers, scheduler=not no_periodic)


commands: tuple[click.Command, ...] = (
    audit_commands,
    calendar_commands,
    key_commands,
    document_commands,
    examine,
    worker,
)
