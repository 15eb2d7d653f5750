"""Commands of this room: rolls in, offers out, results in, the balance, the cycle. ``programme``: a code or a name."""

from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

import disbursement.tasks  # noqa: F401 - registers what the night does here
from core import clock
from core.commands import emit, json_option
from core.database import db
from core.errors import UserError
from core.file_commands import import_file
from core.money import format_yuan
from core.principal import system
from disbursement import operations, queries
from disbursement.balances import balances
from disbursement.bank_files.profiles import Profile
from disbursement.models import Batch
from disbursement.queries import CycleLine, cycle_report
from disbursement.rules import Balance, month_of
from disbursement.uploads import ROLL_UPLOAD

group = AppGroup("disbursement", help="Rolls, offer files, results, the balance.")
commands: tuple[click.Command, ...] = (group,)
COMMAND = system("command")


@group.command("import-roll")
@json_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--programme", required=True, help="Code or name.")
@click.option("--period", required=True, help="202006, 2020-06 or 2020年6月.")
@click.option("--township", required=True, help="Region code.")
@click.option("--dry-run", is_flag=True, help="Check only.")
def import_roll(*, file: Path, programme: str, period: str, township: str, dry_run: bool, as_json: bool) -> None:
    """Import a township's roll as a draft: the good lines are saved, the others listed."""
    parameters = {"programme": programme, "period": period, "township": township}
    import_file(COMMAND, ROLL_UPLOAD, file, parameters, dry_run=dry_run, as_json=as_json, at=clock.utc_now())


@group.command("export-offer")
@json_option
@click.argument("batch", type=int)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--profile", help="How the bank wants its files. Default: as the last file.")
@click.option("--redirects-seen", default="", help="What --dry-run gave as redirects.")
@click.option("--dry-run", is_flag=True, help="Only say what the file would hold, and which names it would change.")
def export_offer(
    *, batch: int, out: Path, profile: str | None, redirects_seen: str, dry_run: bool, as_json: bool
) -> None:
    """Write the offer file of a batch that finance has confirmed. Asked again, it gives the same bytes.

    Payments that were redirected to another account since their approval are listed by --dry-run, and have to be
    looked at first.

    The file has then left the house: it can no longer be cancelled.
    """
    found = db.session.get(Batch, batch)
    if found is None:
        raise UserError("没有编号为 %(batch)s 的批次。", batch=batch)
    at = clock.utc_now()
    layout = queries.profile_named(profile) if profile else queries.profile_for(found)
    if dry_run:
        emit(_foreseen(found, layout), as_json)
        return
    offer = operations.export_offer(COMMAND, found, at=at, profile=layout, redirects_seen=redirects_seen)
    content = operations.read_offer(COMMAND, offer, at=at)
    db.session.commit()
    out.write_bytes(content)
    totals = {"offer_file": offer.id, "lines": offer.line_count, "total_fen": offer.total_fen, "out": str(out)}
    names = {"lost_characters": offer.lost_characters, "respelled": offer.respelled, "profile": offer.profile}
    emit(totals | names, as_json)


def _foreseen(batch: Batch, layout: Profile) -> dict[str, Any]:
    """What the next file would hold. Payments go by their number: a terminal is no place for names."""
    preview, redirected = queries.offer_preview(batch, layout), queries.redirected(batch)
    return {
        "profile": layout.name,
        "redirected": [one.payment_id for one in redirected],
        "redirects": operations.redirects_of(redirected),
        "lines": preview.line_count,
        "total_fen": preview.total_fen,
        "without_card": preview.without_card,
        "lost_characters": preview.lost_characters,
        "respelled": len(preview.respelled),
        "problems": [
            {"payment": name.payment_id, "problem": "characters_lost", "lost": name.lost} for name in preview.losing
        ],
    }


@group.command("import-result")
@json_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--profile", required=True, help="How the bank writes its files.")
@click.option("--batch", type=int, help="The batch it answers, where the file alone does not say.")
@click.option("--dry-run", is_flag=True, help="Check only.")
def import_result(*, file: Path, profile: str, batch: int | None, dry_run: bool, as_json: bool) -> None:
    """Record the bank's answer. The same file again changes nothing."""
    found = db.session.get(Batch, batch) if batch is not None else None
    if batch is not None and found is None:
        raise UserError("没有编号为 %(batch)s 的批次。", batch=batch)
    content = file.read_bytes()
    if dry_run:
        summary = operations.preview_result(COMMAND, profile, content, found)
    else:
        summary = operations.import_result(COMMAND, profile, content, at=clock.utc_now(), batch=found)
    db.session.commit()
    emit(summary.as_json(), as_json)


@group.command("balance")
@json_option
@click.option("--year", type=int, help="Default: this year.")
def balance(*, year: int | None, as_json: bool) -> None:
    """Where the money of each programme is; the terms add up to what was allocated."""
    found = balances(year or clock.today().year)
    rows = [{"programme": one.code, "name": one.name, "year": one.year, **one.balance.as_json()} for one in found]
    text = "\n".join(f"{one.year} {one.name}: {_in_yuan(one.balance)}" for one in found)
    emit({"balances": rows}, as_json, text or "这一年没有资金计划，也没有发放。")


@group.command("cycle")
@json_option
@click.option("--month", help="2020-07, 202007 or 2020年7月; default: this month.")
def cycle(*, month: str | None, as_json: bool) -> None:
    """How the failures of a month went: corrected, pushed and paid again in time, late, or not yet."""
    today = clock.today()
    report = cycle_report(COMMAND, month or month_of(today), today)
    lines = [_cycle_line(line) for line in (*report.townships, *report.departments, *report.banks)]
    emit(report.as_json(), as_json, "\n".join([_cycle_line(report.total), *lines]))


def _cycle_line(line: CycleLine) -> str:
    counts = line.as_json()
    name = counts.pop("name") or counts["key"] or "合计"
    return f"{name}: " + ", ".join(f"{word} {count}" for word, count in counts.items() if word != "key")


@group.command("make-reissue")
@json_option
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
def make_reissue(*, out: Path, as_json: bool) -> None:
    """Write the re-issue file of this month's failure cycle, over all batches. Asked again, it gives the same bytes."""
    at = clock.utc_now()
    offer = operations.make_reissue(COMMAND, at=at)
    content = operations.read_reissue(COMMAND, offer, at=at)
    db.session.commit()
    out.write_bytes(content)
    totals = {"offer_file": offer.id, "lines": offer.line_count, "total_fen": offer.total_fen, "out": str(out)}
    emit({"month": offer.cycle_month, **totals}, as_json)


def _in_yuan(balance: Balance) -> str:
    terms = balance.as_json().items()
    return ", ".join(f"{term.removesuffix('_fen')} {format_yuan(fen)}" for term, fen in terms)
