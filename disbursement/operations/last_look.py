"""The last looks before a batch's money is reserved, and before it leaves: what was approved may be wrong by now."""

from collections.abc import Sequence

from sqlalchemy import case, func, or_, select

from core.database import db
from core.errors import UserError
from disbursement.models import Batch, Payment
from disbursement.queries.failures import bound_by_order
from disbursement.queries.findings import chosen_severities
from disbursement.queries.offers import sendable
from disbursement.queries.since_approval import NewFinding, new_findings
from disbursement.rules import checks
from disbursement.rules.checks import NOT_STANDING, CheckKind, Severity
from programmes.rules import frequency_of, months_covered
from registry.models import Beneficiary


def refuse_twice(batch: Batch) -> None:
    """Raise UserError where somebody who waits to be paid stands in the batch twice. The checks saw two people, in two
    townships' rolls, when these were approved: their records have been merged since."""
    standing = (Payment.batch_id == batch.id, Payment.state.not_in(NOT_STANDING), ~bound_by_order())
    waits = func.max(case((Payment.state == "approved", 1), else_=0))
    twice = select(Payment.beneficiary_id).where(*standing).group_by(Payment.beneficiary_id)
    count = db.session.scalar(select(func.count()).select_from(twice.having(func.count() > 1, waits == 1).subquery()))
    if count:
        raise UserError(
            "本批次里有 %(count)s 人列了两次：两个乡镇的花名册审核以后，登记合并成了同一个人。"
            "请由主管部门撤回其中一个乡镇的审核、退回剔除重复的一笔；财政已经确认的先撤回确认，"
            "已经送过银行、或者已经发到手一笔的，把重复的一笔列入退回单。",
            count=count,
        )


def refuse_news(batch: Batch, reason: str) -> int:
    """Hold what the checks find now against what the approvals saw (B10); returns how many warnings the reason passes.
    The word is a second person's: nobody of finance has brought the roll."""
    new = new_findings(batch)
    errors = [one for one in new if one.severity == Severity.ERROR]
    if errors:
        raise UserError(
            "花名册审核以后又查出 %(count)s 个必须解决的问题（%(places)s），详见“审核以后的变化”。"
            "请由主管部门撤回审核，剔除这些人员或者改正信息以后重新审核。",
            count=len(errors),
            places=_places(errors),
        )
    if new and not reason.strip():
        raise UserError(
            "花名册审核以后又查出 %(count)s 个提示（%(places)s），详见“审核以后的变化”。"
            "请核实后写明为什么可以发放，再确认；不能发放的，由主管部门撤回审核。",
            count=len(new),
            places=_places(new),
        )
    return len(new)


def _places(new: Sequence[NewFinding]) -> str:
    return "、".join(dict.fromkeys(one.roll.township.name for one in new))


def refuse_dead(batch: Batch, *, again: bool) -> None:
    """Raise UserError where somebody who is about to be sent money has been entered as dead before its months since
    finance confirmed: the checks before that (B10) could not know."""
    if checks.severity_of(CheckKind.DEAD_BEFORE, chosen_severities()) != Severity.ERROR:
        return
    months = months_covered(frequency_of(batch.programme.frequency), batch.period)
    first = checks.month_days(months[0])[0]
    count = db.session.scalar(
        select(func.count())
        .select_from(Payment)
        .join(Beneficiary, Beneficiary.id == Payment.beneficiary_id)
        .where(
            *sendable(batch, again=again),
            Beneficiary.status == "dead",
            or_(Beneficiary.status_on.is_(None), Beneficiary.status_on < first),
        )
    )
    if count:
        raise UserError(
            "有 %(count)s 人在批次确认以后登记为发放月份以前已经死亡，不能发放。还没有送过银行的，请撤回确认，"
            "由主管部门撤回审核、剔除；已经送过一部分的，把这几笔列入退回单。",
            count=count,
        )
