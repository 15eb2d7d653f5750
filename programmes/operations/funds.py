"""Fund plans: lines are recorded, never edited; what changes a plan is a further line."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from core import audit
from core.bulk import insert_columns
from core.clock import local_date
from core.database import db
from core.errors import Conflict, UserError
from core.money import Fen, format_yuan
from core.principal import Principal
from programmes import hooks, queries, rules
from programmes.fund_plan_lines import ReadFundLine
from programmes.models import FundLine, Programme
from programmes.rules import Source
from programmes.wordings import read_document


def record_fund_lines(principal: Principal, lines: Sequence[ReadFundLine], *, at: datetime) -> int:
    """Enter checked fund lines (fund_plan_lines.check_fund_plan); those on record already are left as they are.
    Returns how many are new. Raises Conflict where one on record has another amount: lines are never edited."""
    principal.require(rules.IMPORT_FUND_PLAN)
    on_record = queries.recorded_amounts()
    if any(on_record.get(line.key, line.amount_fen) != line.amount_fen for line in lines):
        raise Conflict("有的资金刚才已按另一个金额登记，这次没有保存。请重新上传核对。")
    new = [line for line in lines if line.key not in on_record]
    if new:
        columns = {
            "programme_id": [line.programme_id for line in new],
            "year": [line.year for line in new],
            "document_number": [line.document_number for line in new],
            "source": [line.source.value for line in new],
            "level": [line.level for line in new],
            "amount_fen": [int(line.amount_fen) for line in new],
            "recorded_on": local_date(at),
            "official_id": principal.official_id,
        }
        insert_columns(FundLine, columns)
    audit.record(
        principal,
        "programmes.record_fund_lines",
        "fund_lines",
        "",
        at=at,
        lines=len(new),
        total_fen=sum(line.amount_fen for line in new),
        programmes=sorted({line.programme_id for line in new}),
    )
    db.session.flush()
    return len(new)


def add_fund_line(
    principal: Principal,
    programme_id: int,
    *,
    year: int,
    source: Source,
    level: str,
    document_number: str,
    amount_fen: int,
    at: datetime,
) -> FundLine:
    """Record one line by hand; a negative ``amount_fen`` cuts the plan by a document of its own (B4).

    Raises UserError without a document, for nought, for a cut beyond what is available (naming the shortfall), and
    Conflict where a line of this document, source and level is on record. Cuts of a programme wait for each other and
    for confirmations of its batches, so that together they cannot overdraw.
    """
    principal.require(rules.IMPORT_FUND_PLAN)
    programme = queries.programme(principal, programme_id)
    document = read_document(document_number)
    if not document:
        raise UserError("没有指标文号。每笔资金都要有文件依据，请补上。")
    if not amount_fen:
        raise UserError("金额不能是零。")
    db.session.execute(select(Programme.id).where(Programme.id == programme.id).with_for_update())
    line = FundLine(
        programme_id=programme.id,
        year=year,
        source=source.value,
        level=level.strip(),
        document_number=document,
        amount_fen=Fen(amount_fen),
        recorded_on=local_date(at),
        official_id=principal.official_id,
    )
    if _is_on_record(line):
        raise Conflict("这个文号、级次和性质的资金已经登记过。追加或调整请用新的文号。")
    if amount_fen < 0:
        _refuse_shortfall(programme, year, -amount_fen)
    db.session.add(line)
    db.session.flush()
    audit.record(
        principal,
        "programmes.add_fund_line",
        "fund_line",
        line.id,
        at=at,
        programme=programme.code,
        total_fen=amount_fen,
    )
    db.session.flush()
    return line


def _is_on_record(line: FundLine) -> bool:
    same = select(FundLine.id).where(
        FundLine.programme_id == line.programme_id,
        FundLine.year == line.year,
        FundLine.document_number == line.document_number,
        FundLine.source == line.source,
        FundLine.level == line.level,
    )
    return db.session.scalar(same) is not None


def _refuse_shortfall(programme: Programme, year: int, cut: int) -> None:
    available = hooks.available_fen(programme.id, year)
    if cut > available:
        raise UserError(
            "不能调减这么多：%(year)s 年可用资金只有 %(available)s 元，还差 %(short)s 元。其余的已经预留、在途或发放。",
            year=year,
            available=format_yuan(available),
            short=format_yuan(cut - available),
        )
