"""What this room holds of a person, for the file that is handed to him: the lines of the bank's statements that were
matched with his payments, and where the two do not agree."""

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.database import db
from core.personal_records import Records, records, yuan
from core.principal import Principal
from disbursement.models import Attempt
from disbursement.person_records import payments_of_person
from reconciliation.models import Difference, Statement, StatementLine
from reconciliation.words import CLASSES, RESOLUTIONS
from registry.hooks import PERSON_RECORDS, PersonAsked

_OF_MANY = "about a whole month of the county; his own lines stand in the file"
PERSON_RECORDS.leave_out(
    {
        "carried_at_closing": _OF_MANY,
        "carried_settlements": "how a difference of his ended: that stands beside the difference",
        "month_refusals": _OF_MANY,
        "settlement_lines": _OF_MANY,
        "settlement_proposals": _OF_MANY,
        "statements": "the county's own account",
    }
)


@PERSON_RECORDS.provider(40, "statement_lines", "differences")
def statement_lines(_principal: Principal, asked: PersonAsked) -> Sequence[Records]:
    """The bank's lines about him."""
    tries = select(Attempt.id).where(Attempt.payment_id.in_(payments_of_person(asked)))
    lines = db.session.scalars(
        select(StatementLine)
        .join(Statement)
        .where(StatementLine.attempt_id.in_(tries), Statement.replaced_at.is_(None))
        .options(joinedload(StatementLine.attempt))
        .order_by(StatementLine.day, StatementLine.id)
    )
    differing = db.session.scalars(
        select(Difference)
        .where(Difference.attempt_id.in_(tries))
        .options(joinedload(Difference.attempt), joinedload(Difference.month))
        .order_by(Difference.id)
    )
    return [
        records(
            gettext("银行对账单"),
            [
                *(gettext("日期"), gettext("业务编号"), gettext("户名"), gettext("卡号后四位")),
                *(gettext("付出（元）"), gettext("收回（元）"), gettext("摘要"), gettext("核对结果")),
            ],
            [
                (
                    *(line.day, line.attempt.reference if line.attempt else "", line.name, line.card_tail),
                    *(yuan(line.debit_fen), yuan(line.credit_fen), line.summary),
                    CLASSES[line.kind].text if line.kind in CLASSES else "",
                )
                for line in lines
            ],
        ),
        records(
            gettext("对账差异"),
            [
                *(gettext("月份"), gettext("业务编号"), gettext("差异"), gettext("发现时间")),
                *(gettext("处理结果"), gettext("处理时间")),
            ],
            [
                (
                    *(one.month.month, one.attempt.reference if one.attempt else ""),
                    CLASSES[one.kind].text if one.kind in CLASSES else one.kind,
                    *(one.found_at, RESOLUTIONS.get(one.resolution, one.resolution), one.resolved_at),
                )
                for one in differing
            ],
        ),
    ]
