"""Commands of this room."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from core import clock
from core.commands import emit, json_option
from core.database import db, only_reads
from core.file_commands import import_file
from core.principal import system
from core.uploads import UploadKind
from registry import operations, queries
from registry.answer_files import ANSWER_UPLOAD
from registry.list_files import ARRIVAL_UPLOAD, HOUSEHOLD_UPLOAD, STATUS_UPLOAD
from registry.region_files import REGIONS_UPLOAD

group = AppGroup("registry", help="区划、受益人和未办卡台账。")

commands: tuple[click.Command, ...] = (group,)

_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_dry_run = click.option("--dry-run", is_flag=True, help="只检查，不保存。")


def _takes_a_file(command: Callable[..., None]) -> Callable[..., None]:
    return json_option(_file(_dry_run(command)))


def _import(
    name: str, kind: UploadKind, file: Path, parameters: Mapping[str, Any], *, dry_run: bool, as_json: bool
) -> None:
    principal = system(f"registry {name}")
    import_file(principal, kind, file, parameters, dry_run=dry_run, as_json=as_json, at=clock.utc_now())


@group.command("import-regions")
@_takes_a_file
def import_regions(*, file: Path, dry_run: bool, as_json: bool) -> None:
    """导入区划表：新代码新增，改了名的改名，文件里没有的保留。"""
    _import("import-regions", REGIONS_UPLOAD, file, {}, dry_run=dry_run, as_json=as_json)


@group.command("import-statuses")
@_takes_a_file
@click.option("--status", type=click.Choice(["dead", "moved"]), required=True, help="死亡名单还是迁出名单。")
@click.option("--source", default="", help="信息来源，例如“县民政局 2020 年 6 月死亡名单”。")
def import_statuses(*, file: Path, status: str, source: str, dry_run: bool, as_json: bool) -> None:
    """导入死亡或迁出名单：按证件号码和姓名登记到已有的受益人。"""
    parameters = {"status": status, "source": source}
    _import("import-statuses", STATUS_UPLOAD, file, parameters, dry_run=dry_run, as_json=as_json)


@group.command("import-households")
@_takes_a_file
def import_households(*, file: Path, dry_run: bool, as_json: bool) -> None:
    """导入户籍表：给已有的受益人登记户编号和与户主关系。"""
    _import("import-households", HOUSEHOLD_UPLOAD, file, {}, dry_run=dry_run, as_json=as_json)


@group.command("import-card-answers")
@_takes_a_file
@click.option("--request", type=int, required=True, help="批量办卡的编号（BK 后面的数字）。")
def import_card_answers(*, file: Path, request: int, dry_run: bool, as_json: bool) -> None:
    """导入银行办卡结果：登记卡号，台账销账；未办成的退回。"""
    parameters = {"request": request}
    _import("import-card-answers", ANSWER_UPLOAD, file, parameters, dry_run=dry_run, as_json=as_json)


@group.command("import-arrival-messages")
@_takes_a_file
def import_arrival_messages(*, file: Path, dry_run: bool, as_json: bool) -> None:
    """导入银行报送的到账短信开通清单。"""
    _import("import-arrival-messages", ARRIVAL_UPLOAD, file, {}, dry_run=dry_run, as_json=as_json)


@group.command("find-doubles")
@json_option
def find_doubles(*, as_json: bool) -> None:
    """立即查找疑似重复登记（平时每天夜里查找一次）。"""
    found = operations.find_doubles(system("registry find-doubles"), at=clock.utc_now())
    db.session.commit()
    emit({"found": found}, as_json, f"新发现 {found} 对。")


@group.command("coverage")
@json_option
def coverage(*, as_json: bool) -> None:
    """办卡和短信覆盖情况，按乡镇和开户银行。"""
    with only_reads():
        lines = queries.coverage(system("registry coverage"))
        names = queries.region_names_of({line.township_code for line in lines})
    found = [{"township": names.get(line.township_code, ""), **asdict(line)} for line in lines]
    text = "\n".join(
        f"{line['township']} {line['bank'] or '—'}：{line['people']} 人，有卡 {line['with_card']}，"
        f"没有卡 {line['without_card']}，有手机 {line['with_phone']}，到账短信 {line['arrival_on']}"
        for line in found
    )
    emit({"coverage": found}, as_json, text or "没有受益人。")
