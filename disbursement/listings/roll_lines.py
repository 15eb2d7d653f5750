"""What can be done with many rolls, or many lines of a roll, at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from flask_babel import lazy_gettext

from core import clock
from core.bulk_actions import BulkAction, BulkOutcome, Requirement, Text
from core.clock import local_date
from core.database import db
from core.errors import UserError
from core.listing import Listing
from core.principal import Principal
from disbursement import operations, queries, rules
from disbursement.listings.batches import ROLLS
from disbursement.listings.payments import PAYMENTS
from disbursement.models import Payment, Roll
from disbursement.queries.failures import bound_by_order

Move = Callable[[Principal, Roll, str, datetime], None]


def _each(move: Move) -> Callable[[Principal, Sequence[int], str, datetime], BulkOutcome]:
    """Roll by roll, because each has findings and a history of its own; what is refused is told by its reason."""

    def act(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        done, refused = 0, dict[Text, int]()
        for roll in db.session.scalars(
            queries.visible_rolls(principal).where(Roll.id.in_(ids)).order_by(Roll.id)
        ).all():
            try:
                with db.session.begin_nested():
                    move(principal, roll, reason, at)
            except UserError as error:
                refused[str(error)] = refused.get(str(error), 0) + 1
            else:
                done += 1
        return BulkOutcome(done, list(refused.items()))

    return act


def _in(state: str, otherwise: Text) -> tuple[Requirement, ...]:
    return (Requirement(Roll.state == state, otherwise),)


ROLLS_WITH_ACTIONS = replace(
    ROLLS,
    actions=(
        BulkAction(
            "submit",
            lazy_gettext("提交审核"),
            rules.PREPARE_ROLL,
            lazy_gettext("提交后由本乡镇另一位同事审核，花名册不能再改；审核前可以撤回。"),
            _each(lambda principal, roll, _reason, at: operations.submit_roll(principal, roll, at=at)),
            requires=_in("draft", lazy_gettext("不是草稿，不能提交。")),
        ),
        BulkAction(
            "approve_township",
            lazy_gettext("乡镇审核通过"),
            rules.APPROVE_ROLL_TOWNSHIP,
            lazy_gettext("通过后进入公示。请先看过每份花名册的明细和核查结果。"),
            _each(lambda principal, roll, _reason, at: operations.approve_roll_township(principal, roll, at=at)),
            requires=_in("submitted", lazy_gettext("不在乡镇审核这一步。")),
        ),
        BulkAction(
            "approve_department",
            lazy_gettext("主管部门审批通过"),
            rules.APPROVE_ROLL_DEPARTMENT,
            lazy_gettext("通过后等待财政确认批次；财政确认前可以撤回。"),
            _each(lambda principal, roll, _reason, at: operations.approve_roll_department(principal, roll, at=at)),
            requires=_in("publicised", lazy_gettext("不在主管部门审批这一步。")),
        ),
        BulkAction(
            "send_back",
            lazy_gettext("退回修改"),
            rules.SEND_BACK_ROLL,
            lazy_gettext("退回后由乡镇改正再提交，乡镇会看到原因。"),
            _each(lambda principal, roll, reason, at: operations.send_back_roll(principal, roll, reason, at=at)),
            needs_reason=True,
            requires=(
                Requirement(
                    Roll.state.in_(("submitted", "township_approved", "publicised")),
                    lazy_gettext("还没有提交，或者已经审批通过。"),
                ),
            ),
            kind="danger",
        ),
    ),
)


def payments_listing(roll: Roll) -> Listing:
    """The lines of a roll with what can be done with them now."""

    def strike(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        return operations.strike_payments(principal, roll, ids, reason, at=at)

    def restore(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        return operations.restore_payments(principal, roll, ids, reason, at=at)

    def pay_offline(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        receipt = operations.pay_offline(
            principal, roll, ids, number=reason, paid_on=local_date(at), payer=principal.name, at=at
        )
        return BulkOutcome(receipt.line_count)

    actions = []
    right = rules.striking_right(roll.state, hangs=queries.hangs_now(roll, clock.today()))
    if right is not None:
        actions += [
            BulkAction(
                "strike",
                lazy_gettext("剔除"),
                right,
                lazy_gettext("剔除后不再发放给这些人员；以后可以恢复。"),
                strike,
                needs_reason=True,
                requires=(Requirement(Payment.state == "drafted", lazy_gettext("已经剔除。")),),
                kind="danger",
            ),
            BulkAction(
                "restore",
                lazy_gettext("恢复"),
                right,
                lazy_gettext("恢复后这些人员照常发放。"),
                restore,
                needs_reason=True,
                requires=(Requirement(Payment.state == "struck", lazy_gettext("没有被剔除。")),),
            ),
        ]
    if roll.batch.programme.channel == "offline" and roll.batch.state in ("finance_confirmed", "results_in"):
        actions.append(
            BulkAction(
                "pay_offline",
                lazy_gettext("登记线下发放"),
                rules.PAY_OFFLINE,
                lazy_gettext("今天当面发给这些人员、本人已经签字。登记错了可以撤销。"),
                pay_offline,
                needs_reason=True,
                reason_label=lazy_gettext("签领表编号"),
                requires=(
                    Requirement(Payment.state == "approved", lazy_gettext("不在等待发放。")),
                    Requirement(~bound_by_order(), lazy_gettext("已列入退回单，等待决定。")),
                ),
            )
        )
    return replace(PAYMENTS, actions=tuple(actions))
