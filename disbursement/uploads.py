"""The files this room takes in: a township's roll, and the bank's result. Checked first, saved when confirmed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask_babel import gettext

from core.clock import local_date
from core.collector import no_collection
from core.database import db
from core.errors import UserError
from core.identity import check_id_number, mask_card, mask_id_number, mask_phone
from core.jobs import Progress
from core.money import format_yuan
from core.months import check_period
from core.msgid import N_
from core.principal import Principal
from core.tables.reading import Table, open_table
from core.uploads import FileProblem, Incoming, Report, UploadKind, register_kind
from disbursement import queries, rules
from disbursement.bank_files.results import ResultLine
from disbursement.models import Batch
from disbursement.operations import ResultSummary, RollEntry, import_result, import_roll, preview_result
from disbursement.roll_files.lines import LineProblem, RollLine
from disbursement.roll_files.problems import PROBLEMS
from disbursement.roll_files.reading import RollReading
from disbursement.roll_files.regions import RegionIndex
from disbursement.words import DISCREPANCY_SENTENCES
from programmes.models import Programme
from registry.enrolment import PersonLine
from registry.models import Region
from registry.queries import regions_of_township

PREVIEW_LINES = 10
PROGRESS_STEP = 2000


# --- Rolls ---------------------------------------------------------------------------------------


def _roll_parameters(parameters: Mapping[str, Any]) -> tuple[Programme, str, Region]:
    """Programme, period and township of an upload. Raises UserError for what does not exist."""
    programme = queries.programme_named(str(parameters["programme"]))
    if programme is None:
        raise UserError("没有找到补贴项目“%(name)s”。请核对项目编码或名称。", name=parameters["programme"])
    township = db.session.get(Region, str(parameters["township"]))
    if township is None or township.level != "township":
        raise UserError("没有找到代码为 %(code)s 的乡镇（街道）。", code=parameters["township"])
    return programme, check_period(str(parameters["period"])), township


def _regions(township: Region) -> RegionIndex:
    regions = regions_of_township(township.code)
    return RegionIndex.build(township.code, township.name, ((region.code, region.name) for region in regions))


def _watched(table: Table, township: Region, at: datetime) -> RollReading:
    return RollReading(table, _regions(township), local_date(at))


def _reporting(progress: Progress, size: int) -> Any:
    """Tell how many rows have been read, now and then. How many there are is known only at the end; the size of the
    file gives an idea of it."""
    guess = max(size // 60, PROGRESS_STEP)

    def told(row: int) -> None:
        if row % PROGRESS_STEP == 0:
            progress(row, max(guess, row + PROGRESS_STEP))

    return told


def check_roll(principal: Principal, incoming: Incoming, at: datetime, progress: Progress) -> Report:
    """What a roll file holds, line by line; writes nothing. Raises UserError for a file that is no roll."""
    principal.require(rules.PREPARE_ROLL)
    programme, period, township = _roll_parameters(incoming.parameters)
    good, total_fen = 0, 0
    problems: list[FileProblem] = []
    preview: list[dict[str, Any]] = []
    with open_table(incoming.content, progress=_reporting(progress, len(incoming.content))) as table:
        reading = _watched(table, township, at)
        for item in reading.items():
            if isinstance(item, LineProblem):
                problems.append(FileProblem(item.sheet, item.row, item.code))
                continue
            good += 1
            total_fen += item.amount_fen
            if len(preview) < PREVIEW_LINES:
                preview.append(_preview(item))
    destination = gettext(
        "存入：%(programme)s，%(period)s 期，%(township)s。请核对与文件的标题一致。",
        programme=programme.name,
        period=period,
        township=township.name,
    )
    return Report(good, total_fen, problems, _columns(reading), [destination, *_notes(reading)], preview)


def _preview(line: RollLine) -> dict[str, Any]:
    return {
        N_("工作表"): line.sheet or "",
        N_("行"): line.row,
        N_("姓名"): line.name,
        N_("身份证号"): mask_id_number(line.id_number),
        N_("收款人"): line.payee_name,
        N_("卡号"): mask_card(line.card) if line.card else gettext("无卡"),
        N_("电话"): mask_phone(line.phone) if line.phone else "",
        N_("数量"): line.quantity,
        N_("金额（元）"): format_yuan(line.amount_fen),
    }


def _columns(reading: RollReading) -> list[dict[str, Any]]:
    return [
        {"sheet": account.name, "letter": use.letter, "header": use.header, "column": use.field_name}
        for account in reading.sheets
        for use in account.columns
    ]


def _notes(reading: RollReading) -> list[str]:
    return [gettext(note.sentence) % note.parameters for note in reading.notes]


def entries_of(lines: Iterable[RollLine | LineProblem], today: date) -> Iterator[RollEntry]:
    """The good lines, as the operation takes them."""
    for item in lines:
        if isinstance(item, RollLine):
            payee = "" if item.payee_name == item.name else item.payee_name
            person = PersonLine(
                item.id_number,
                item.name,
                item.region_code,
                item.phone,
                item.card,
                payee,
                _payee_number(item, today) if payee else "",
            )
            yield RollEntry(item.sheet or "", item.row, person, item.quantity, item.amount_fen)


def _payee_number(line: RollLine, today: date) -> str:
    """The ID number of a payee who is somebody else. It is no condition of being paid: an impossible one counts as
    none."""
    if not line.payee_id or line.payee_id == line.id_number:
        return ""
    number, problem = check_id_number(line.payee_id, today)
    return "" if problem else number


def save_roll(principal: Principal, incoming: Incoming, at: datetime, progress: Progress) -> str:
    """Save the good lines of a roll file as a draft, whole or not at all; returns the roll's address."""
    programme, period, township = _roll_parameters(incoming.parameters)
    told = _reporting(progress, len(incoming.content))
    with no_collection(), open_table(incoming.content, progress=told) as table:
        entries = list(entries_of(_watched(table, township, at).items(), local_date(at)))
    roll = import_roll(principal, programme, period, township, entries, at=at, upload_id=incoming.upload_id)
    return f"{STAFF_PAGES}/rolls/{roll.id}"


STAFF_PAGES = "/staff/disbursement"

ROLL_UPLOAD = register_kind(
    UploadKind("disbursement.roll", N_("花名册"), rules.PREPARE_ROLL, check_roll, save_roll, sentences=PROBLEMS)
)


# --- Results -------------------------------------------------------------------------------------


def _batch(principal: Principal, parameters: Mapping[str, Any]) -> Batch | None:
    wanted = str(parameters.get("batch") or "")
    return queries.get_batch(principal, int(wanted)) if wanted else None


def check_result(principal: Principal, incoming: Incoming, _at: datetime, _progress: Progress) -> Report:
    """What a result file says and what of it does not fit the book; writes nothing."""
    batch = _batch(principal, incoming.parameters)
    summary = preview_result(principal, str(incoming.parameters["profile"]), incoming.content, batch)
    report = result_report(summary)
    if batch is not None:
        told = gettext("登记到：%(programme)s，%(period)s 期。", programme=batch.programme.name, period=batch.period)
        report = replace(report, notes=[told, *report.notes])
    return report


def result_report(summary: ResultSummary) -> Report:
    """A result file's summary as an upload's report."""
    problems = [FileProblem(None, found.line_number, found.kind.value) for found in summary.set_aside]
    good = 0 if summary.already_imported else summary.recorded + summary.repeated + len(problems)
    aside = {found.line_number for found in summary.set_aside}
    taken = [line for line in summary.lines if line.number not in aside]
    listed = [_not_paid(line) for line in taken if line.outcome != "paid"]
    return Report(
        good,
        summary.totals.fen,
        problems,
        notes=list(_result_notes(summary, len(listed))),
        sums=_sums(summary, taken) if summary.lines else [],
        listed=listed[:MOST_LISTED],
        listed_title=N_("失败和不明的明细"),
    )


MOST_LISTED = 20_000
"""A bank that fails more than these has failed the file."""
RESULT_TITLES = {"paid": N_("成功"), "failed": N_("失败"), "unclear": N_("不明")}
ASIDE = N_("与账不符，另行核对")


def _sums(summary: ResultSummary, taken: Sequence[ResultLine]) -> list[dict[str, Any]]:
    """Count and fen of what will be booked, by outcome, and of what is set aside. A line that cannot be read has no
    sum."""
    sums = [
        {
            "title": title,
            "count": sum(line.outcome == outcome for line in taken),
            "fen": sum(line.fen for line in taken if line.outcome == outcome),
        }
        for outcome, title in RESULT_TITLES.items()
    ]
    aside = sum(found.bank_fen or 0 for found in summary.set_aside)
    return [*sums, {"title": ASIDE, "count": len(summary.set_aside), "fen": aside}]


def _not_paid(line: ResultLine) -> dict[str, Any]:
    return {
        N_("行"): line.number,
        N_("结果"): gettext(RESULT_TITLES[line.outcome]),
        N_("流水号"): line.reference or "",
        N_("姓名"): line.name,
        N_("卡号后四位"): line.card[-4:],
        N_("金额（元）"): format_yuan(line.fen),
        N_("原因"): line.reason,
    }


def _result_notes(summary: ResultSummary, not_paid: int) -> Iterator[str]:
    totals = summary.totals
    yield gettext(
        "共 %(lines)s 笔：成功 %(paid)s、失败 %(failed)s、不明 %(unclear)s，与合计行一致。",
        lines=totals.lines,
        paid=totals.paid,
        failed=totals.failed,
        unclear=totals.unclear,
    )
    if summary.already_imported:
        yield gettext("这个文件以前已经导入过，不会再有任何变化。")
    elif summary.repeated:
        yield gettext("其中 %(count)s 笔以前已经登记过，不会重复登记。", count=summary.repeated)
    if summary.set_aside:
        yield gettext("与账不符的行会单独列出，由财政核对；其余照常登记。")
    if not_paid > MOST_LISTED:
        yield gettext("失败和不明的有 %(count)s 笔，下面只列前 %(most)s 笔。", count=not_paid, most=MOST_LISTED)


def save_result(principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> str:
    """Record the bank's answer; returns the result's address."""
    batch = _batch(principal, incoming.parameters)
    profile = str(incoming.parameters["profile"])
    summary = import_result(principal, profile, incoming.content, at=at, batch=batch)
    return f"{STAFF_PAGES}/results/{summary.result_file_id}"


RESULT_UPLOAD = register_kind(
    UploadKind(
        "disbursement.result",
        N_("银行回盘"),
        rules.IMPORT_RESULT,
        check_result,
        save_result,
        sentences=DISCREPANCY_SENTENCES,
    )
)
