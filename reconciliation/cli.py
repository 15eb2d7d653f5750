"""Commands of this room: statements in, months and differences out."""

from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from core import clock
from core.commands import emit, json_option
from core.database import db
from core.errors import UserError
from core.file_commands import import_file
from core.months import check_month
from core.principal import system
from reconciliation import queries
from reconciliation.models import Month
from reconciliation.operations import choose_setting
from reconciliation.rules import Setting
from reconciliation.uploads import STATEMENT_UPLOAD

group = AppGroup("reconciliation", help="Bank statements and month-end.")
commands: tuple[click.Command, ...] = (group,)
COMMAND = system("command")


@group.command("import-statement")
@json_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--profile", required=True, help="How the bank writes statements.")
@click.option("--month", required=True, help="2020-07, 202007 or 2020年7月.")
@click.option("--replace", is_flag=True, help="Take the place of the account's earlier statement of the month.")
@click.option("--dry-run", is_flag=True, help="Check only.")
def import_statement(*, file: Path, profile: str, month: str, replace: bool, dry_run: bool, as_json: bool) -> None:
    """Take in a bank's statement and match it with the book. The same file again changes nothing."""
    parameters = {"profile": profile, "month": month, "replace": replace}
    import_file(COMMAND, STATEMENT_UPLOAD, file, parameters, dry_run=dry_run, as_json=as_json, at=clock.utc_now())


@group.command("start")
@json_option
@click.argument("month")
@click.option("--reason", default="命令行设定", help="Why; it is kept with the choice.")
def start(*, month: str, reason: str, as_json: bool) -> None:
    """Set the first month that is to be reconciled (2020-07, 202007 or 2020年7月)."""
    made = choose_setting(COMMAND, Setting.FIRST_MONTH, month, reason, at=clock.utc_now())
    db.session.commit()
    emit({"first_month": made.value}, as_json, f"从 {made.value} 开始对账。")


@group.command("months")
@json_option
def months(*, as_json: bool) -> None:
    """Every month with its state, figures by class, and whether the three sides agree."""
    found = db.session.scalars(select(Month).order_by(Month.month)).all()
    rows = [_month(month) for month in found]
    text = "\n".join(f"{row['month']} {row['state']} open={row['open_differences']}" for row in rows)
    emit({"months": rows}, as_json, text or "还没有对过账。")


def _month(month: Month) -> dict[str, object]:
    sides = queries.sides_of(month)
    return {
        "month": month.month,
        "state": month.state,
        "classes": {one.kind.value: {"number": one.number, "fen": one.fen} for one in queries.figures_of(month)},
        "still_unclear": queries.still_unclear(month),
        "open_differences": queries.open_difference_count(month),
        "carried_over": queries.carried_count(month),
        "sides_agree": sides.agree,
        "signatures": [one.organisation_kind for one in queries.standing_signatures(month)],
    }


@group.command("differences")
@json_option
@click.option("--month", required=True, help="2020-07, 202007 or 2020年7月.")
def differences(*, month: str, as_json: bool) -> None:
    """The differences of a month: class, serial, card tail, fen of bank and book, settlement."""
    month = check_month(month)
    found = db.session.scalars(select(Month).where(Month.month == month)).first()
    if found is None:
        raise UserError("%(month)s 还没有对账。请先导入银行对账单。", month=month)
    rows = [
        {
            "kind": one.kind,
            "serial": one.line.serial if one.line else None,
            "card_tail": one.line.card_tail if one.line else (one.attempt.card_tail if one.attempt else ""),
            "bank_fen": one.bank_fen,
            "book_fen": one.book_fen,
            "resolution": one.resolution or None,
        }
        for one in db.session.scalars(queries.visible_differences(COMMAND, found))
    ]
    text = "\n".join(f"{row['kind']} {row['serial'] or '-'} {row['bank_fen']} {row['book_fen']}" for row in rows)
    emit({"differences": rows}, as_json, text or "没有差异。")
