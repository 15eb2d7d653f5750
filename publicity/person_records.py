"""What this room holds of a person, for the file that is handed to him: the lists on which he stood."""

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.clock import local_date
from core.database import db
from core.personal_records import Records, records, yuan
from core.principal import Principal
from disbursement.models import Batch, Payment
from disbursement.person_records import titles
from publicity import rules
from publicity.models import PublicityList
from publicity.words import KIND_WORDS, LEVEL_WORDS
from registry.hooks import PERSON_RECORDS, PersonAsked

PERSON_RECORDS.leave_out({"publicity_lines": "masked lines that name nobody: his lists stand in the file"})


@PERSON_RECORDS.provider(50, "publicity_lists")
def lists(_principal: Principal, asked: PersonAsked) -> Sequence[Records]:
    """The lists on which he stood, and what was to be seen of him."""
    named = titles(asked)
    payments = db.session.scalars(
        select(Payment)
        .where(Payment.beneficiary_id.in_(asked.records))
        .options(joinedload(Payment.batch).joinedload(Batch.programme))
        .order_by(Payment.id)
    ).all()
    found = db.session.scalars(
        select(PublicityList)
        .where(PublicityList.roll_id.in_({payment.roll_id for payment in payments}))
        .options(joinedload(PublicityList.region))
        .order_by(PublicityList.id)
    ).all()
    return [
        records(
            gettext("公示"),
            [
                *(gettext("哪笔发放"), gettext("公示表"), gettext("级别"), gettext("公示内容"), gettext("公示的姓名")),
                *(gettext("公示的数量"), gettext("公示的金额（元）"), gettext("开始"), gettext("结束")),
                *(gettext("网上公示"), gettext("张贴日期"), gettext("撤下日期")),
            ],
            [
                (
                    *(named[payment.id], one.title, str(LEVEL_WORDS[one.level]), str(KIND_WORDS[one.kind])),
                    rules.masked_name(payment.name, sensitive=payment.batch.programme.sensitive),
                    *(payment.quantity, yuan(payment.amount_fen), one.opens_on, one.closes_on),
                    gettext("是") if one.online else gettext("否"),
                    *(one.posted_on, local_date(one.withdrawn_at) if one.withdrawn_at else None),
                )
                for payment in payments
                for one in found
                if _stood_on(payment, one)
            ],
            gettext("公示只写遮住的姓名、数量和金额，没有证件号码、卡号和电话。"),
        )
    ]


def _stood_on(payment: Payment, one: PublicityList) -> bool:
    """Whether a payment is on a list: of its roll and of a place that it lies in, not struck before the list was made,
    and among what was paid where the list says who was."""
    here = payment.roll_id == one.roll_id and one.region_code in rules.regions_around(payment.region_code)
    struck_before = payment.struck_at is not None and payment.struck_at <= one.created_at
    was_paid = one.kind != rules.AFTER or payment.state in rules.PAID_STATES
    return here and not struck_before and payment.state != "drafted" and was_paid
