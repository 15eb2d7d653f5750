"""A township's failures as a table, and the same table back with what is right: many corrections in one go."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from flask_babel import gettext
from sqlalchemy import select

from core.bulk import among
from core.database import db
from core.errors import UserError
from core.identity import clean_name, mask_card, name_key
from core.jobs import Progress
from core.money import format_yuan_plain
from core.msgid import N_
from core.principal import Principal
from core.tables.export import write_xlsx
from core.tables.records import Form, Record, read_records
from core.uploads import FileProblem, Incoming, Report, UploadKind, register_kind
from disbursement import operations, queries, rules
from disbursement.failure_reasons import explain
from disbursement.models import Payment
from disbursement.operations import CorrectionRequest
from disbursement.rules import Account, Change
from disbursement.words import reason_words
from registry.rules import WrongCheckDigit

LIST = "/staff/disbursement/failures"
SHOWN = 10
LONGEST_NUMBER = 15
"""A spreadsheet keeps so many digits of a number; the rest it makes nought."""
YES = frozenset({"是", "y", "yes", "1", "√", "对"})
CORRECTIONS_FORM = Form(
    "corrections",
    {
        "number": (N_("编号"), "明细编号", "number"),
        "name": (N_("受益人"), "姓名", "name"),
        "card": (N_("新卡号"), "更正卡号", "正确卡号", "new_card"),
        "payee": (N_("新户名"), "更正户名", "正确户名", "new_name"),
        "at_bank": (N_("已在银行办好（填“是”）"), "已在银行办好", "at_bank"),
        "note": (N_("改正的依据"), "依据", "改正依据", "note"),
        "number_confirmed": (N_("卡号无误（填“是”）"), "卡号无误", "number_confirmed"),
    },
    frozenset({"number", "name", "note"}),
)
TO_FILL_IN = ("card", "payee", "at_bank", "note", "number_confirmed")
PROBLEMS = {
    "unknown_payment": N_("没有这一笔，或者它已经不是发放失败：请重新下载清单"),
    "other_person": N_("编号和受益人对不上：行是不是错位了"),
    "nothing_changed": N_("新卡号、新户名都没有填，也没有写已在银行办好"),
    "card_unreadable": N_("新卡号不对：请对照社保卡再看一遍"),
    "card_check_digit": N_(
        "新卡号的最后一位与前面的数字对不上，多半有一位写错了：请对照社保卡再看一遍；确实没有写错的，在“卡号无误”一列填“是”"
    ),
    "card_is_number": N_("新卡号存成了数字，后几位已经丢失：请把这一列设成文本后重填"),
    "note_missing": N_("没有写改正的依据（至少 4 个字）"),
    "needs_evidence": N_("收款人换成了另一个人：请在网页上单独改正，并上传依据材料"),
    "twice": N_("同一编号在文件里出现了两次"),
}


def write_failures(out: BinaryIO, payments: Sequence[Payment]) -> None:
    """Write failures as a table with blank columns for what is right. It names people: the caller keeps a record."""
    heading = [
        gettext("编号"),
        gettext("受益人"),
        gettext("补贴项目"),
        gettext("期别"),
        gettext("金额（元）"),
        gettext("原卡号后四位"),
        gettext("原户名"),
        gettext("未到账原因"),
        gettext("现在怎么办"),
        gettext("办理期限"),
        *(gettext(CORRECTIONS_FORM.wordings[name][0]) for name in TO_FILL_IN),
    ]
    write_xlsx(out, heading, _rows(payments), widths=(10, 12, 22, 9, 12, 12, 12, 18, 40, 12, 24, 14, 12, 30, 12))


def _rows(payments: Sequence[Payment]) -> Iterator[list[str]]:
    for payment in payments:
        yield [
            str(payment.id),
            payment.name,
            payment.roll.batch.programme.name,
            payment.roll.batch.period,
            format_yuan_plain(payment.amount_fen),
            payment.card.tail if payment.card else "",
            payment.payee_name,
            reason_words(payment.failure_reason),
            gettext(explain(payment.failure_reason).next_step),
            payment.due_on.isoformat() if payment.due_on else "",
        ]


def failures_to_correct(principal: Principal) -> Sequence[Payment]:
    """What waits for this township, by due day."""
    waiting = queries.payments_in_cycle(principal).where(queries.correctable())
    return db.session.scalars(waiting.order_by(Payment.due_on, Payment.id)).all()


class _Read:
    """A table of corrections that has been read: good requests, and what is wrong with the other lines."""

    def __init__(self, principal: Principal, content: bytes) -> None:
        self.columns: list[dict[str, Any]] = []
        self.requests: list[CorrectionRequest] = []
        self._taken: set[int] = set()
        self.problems: list[FileProblem] = []
        self.preview: list[dict[str, Any]] = []
        self.untouched = 0
        records: list[Record] = []
        for table in read_records(content, CORRECTIONS_FORM):
            self.columns += table.columns_json()
            records += table.records
        known = _known(principal, [record.text("number") for record in records])
        for record in records:
            self._take(record, known)

    def _take(self, record: Record, known: dict[int, Payment]) -> None:
        if not any(record.text(name) for name in ("card", "payee", "at_bank", "note")):
            # A line that nobody has touched is no problem: it is done another day.
            self.untouched += 1
            return
        payment = known.get(_number(record.text("number")))
        problem = self._problem(record, payment)
        if problem or payment is None:
            self.problems.append(FileProblem(record.sheet, record.row, problem or "unknown_payment"))
            return
        request = CorrectionRequest(payment.id, _change(record, payment), record.text("note"))
        self.requests.append(request)
        self._taken.add(payment.id)
        if len(self.preview) < SHOWN:
            self.preview.append(_preview(payment, request))

    def _problem(self, record: Record, payment: Payment | None) -> str:
        if payment is None or payment.card is None:
            return "unknown_payment"
        misfits = {
            "other_person": name_key(record.text("name")) != name_key(payment.name),
            "twice": payment.id in self._taken,
            "card_is_number": record.is_number("card") and len(record.text("card")) > LONGEST_NUMBER,
            "note_missing": len(record.text("note")) < rules.SHORTEST_NOTE,
        }
        return next((code for code, is_so in misfits.items() if is_so), "") or _problem_of_change(record, payment)


def _problem_of_change(record: Record, payment: Payment) -> str:
    change = _change(record, payment)
    number = payment.card.number if payment.card else ""
    try:
        after = rules.corrected(Account(payment.name, payment.payee_name, number), change)
    except WrongCheckDigit:
        return "card_check_digit"
    except UserError:
        return "card_unreadable" if change.card else "nothing_changed"
    return "needs_evidence" if after.needs_evidence else ""


def _known(principal: Principal, numbers: Sequence[str]) -> dict[int, Payment]:
    ids = sorted({_number(text) for text in numbers})
    waiting = queries.payments_in_cycle(principal).where(queries.correctable(), among(Payment.id, ids))
    return {payment.id: payment for payment in db.session.scalars(waiting)}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0


def _change(record: Record, payment: Payment) -> Change:
    """What a line asks for: whose account it is stays as it is."""
    other = name_key(payment.name) != name_key(payment.payee_name)
    said = {name: record.text(name).lower() in YES for name in ("at_bank", "number_confirmed")}
    return Change(
        record.text("card"), clean_name(record.text("payee")), other, said["at_bank"], said["number_confirmed"]
    )


def _preview(payment: Payment, request: CorrectionRequest) -> dict[str, Any]:
    return {
        N_("受益人"): payment.name,
        N_("原卡号后四位"): payment.card.tail if payment.card else "",
        N_("新卡号"): mask_card(request.change.card) if request.change.card else "",
        N_("新户名"): request.change.payee,
        N_("改正的依据"): request.note,
    }


def check_corrections(principal: Principal, incoming: Incoming, _at: datetime, _progress: Progress) -> Report:
    """What a table of corrections would change; writes nothing."""
    principal.require(rules.CORRECT_PAYMENT)
    read = _Read(principal, incoming.content)
    ids = [request.payment_id for request in read.requests]
    amounts = db.session.scalars(select(Payment.amount_fen).where(among(Payment.id, ids)))
    notes = []
    if read.untouched:
        notes.append(gettext("有 %(count)s 行没有填，保持原样，可以以后再改。", count=read.untouched))
    return Report(len(ids), sum(amounts), read.problems, read.columns, notes, read.preview)


def save_corrections(principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> str:
    """Make the corrections of the good lines, all or none; returns the address of the list."""
    operations.correct_payments(principal, _Read(principal, incoming.content).requests, at=at)
    return LIST


CORRECTIONS_UPLOAD = register_kind(
    UploadKind(
        "disbursement.corrections",
        N_("发放失败改正清单"),
        rules.CORRECT_PAYMENT,
        check_corrections,
        save_corrections,
        sentences=PROBLEMS,
    )
)
