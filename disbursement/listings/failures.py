"""The lists of what failed, of what is unclear, and of the files by which it is paid again."""

from collections.abc import Sequence
from datetime import datetime

from flask import url_for
from flask_babel import gettext, lazy_gettext

from core.bulk_actions import BulkAction, BulkOutcome, Requirement
from core.listing import ChoiceFilter, Column, Listing
from core.principal import Principal
from disbursement import operations, rules
from disbursement.failure_reasons import FAILURE_REASONS, explain
from disbursement.models import OfferFile, Payment, Roll
from disbursement.queries.failures import bound_by_order, disputed
from disbursement.whom import WITH_WHOM, whom
from disbursement.words import CYCLE_OWNERS, PAYMENT_STATES, reason_words
from programmes.models import Programme
from registry.models import Region

_STATES = {state: PAYMENT_STATES[state] for state in ("failed", "returned", "unclear", "corrected", "resubmitted")}


def _partly(done: int, asked: int) -> BulkOutcome:
    """What became of the rows; a row that is not done any more was somebody else's a moment ago."""
    if done == asked:
        return BulkOutcome(done)
    return BulkOutcome(done, [(lazy_gettext("状态刚刚变了。"), asked - done)])


def _resubmit(principal: Principal, ids: Sequence[int], _reason: str, at: datetime) -> BulkOutcome:
    return _partly(operations.resubmit(principal, ids, at=at), len(ids))


def _hold_back(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
    return _partly(operations.withdraw_resubmission(principal, ids, reason, at=at), len(ids))


RESUBMIT = BulkAction(
    "resubmit",
    lazy_gettext("推送重发"),
    rules.RESUBMIT_PAYMENT,
    lazy_gettext("推送后由财政局放进本月的重发文件。文件生成以前可以撤回。"),
    _resubmit,
    requires=(
        Requirement(Payment.state == "corrected", lazy_gettext("乡镇还没有改正，或者已经推送过。")),
        Requirement(~bound_by_order(), lazy_gettext("已列入退回单。")),
        Requirement(~disputed(), lazy_gettext("银行回盘有矛盾，财政局还没有核清，可能已经到账。")),
    ),
)
HOLD_BACK = BulkAction(
    "hold_back",
    lazy_gettext("撤回推送"),
    rules.RESUBMIT_PAYMENT,
    lazy_gettext("撤回后回到“等待推送”，乡镇也可以再改。"),
    _hold_back,
    needs_reason=True,
    requires=(Requirement(Payment.state == "resubmitted", lazy_gettext("还没有推送，或者重发文件已经生成。")),),
    kind="danger",
)


def _remedy(row: Payment) -> str:
    """What is to be done now, in a few words."""
    if row.state in ("failed", "returned"):
        return str(gettext(explain(row.failure_reason).remedy))
    return str(CYCLE_OWNERS[row.state])


FAILURES = Listing(
    name="failures",
    title=lazy_gettext("发放失败明细"),
    columns=(
        Column(
            "name",
            lazy_gettext("受益人"),
            lambda row: row.name,
            sort=Payment.name,
            link=lambda row: url_for("disbursement.failure", payment_id=row.id),
            note=whom,
        ),
        Column(
            "reason",
            lazy_gettext("未到账原因"),
            lambda row: row.failure_reason,
            sort=Payment.failure_reason,
            wording=reason_words,
        ),
        Column("remedy", lazy_gettext("现在怎么办"), _remedy),
        Column(
            "state",
            lazy_gettext("状态"),
            lambda row: row.state,
            kind="status",
            states=PAYMENT_STATES,
            sort=Payment.state,
        ),
        Column("due", lazy_gettext("办理期限"), lambda row: row.due_on, kind="due", sort=Payment.due_on),
        Column("amount", lazy_gettext("金额（元）"), lambda row: row.amount_fen, kind="money", sort=Payment.amount_fen),
        Column("township", lazy_gettext("乡镇（街道）"), lambda row: row.roll.township.name, sort=Roll.township_code),
        Column(
            "programme",
            lazy_gettext("补贴项目"),
            lambda row: f"{row.roll.batch.programme.name} {row.roll.batch.period}",
            sort=Programme.name,
        ),
        Column("card", lazy_gettext("卡号后四位"), lambda row: row.card.tail if row.card else "", screen=False),
    ),
    id=Payment.id,
    order="due",
    search=(Payment.name, Region.name, Programme.name),
    search_hint=lazy_gettext("姓名、乡镇或项目"),
    filters=(
        ChoiceFilter("state", lazy_gettext("状态"), _STATES, Payment.state),
        ChoiceFilter(
            "reason",
            lazy_gettext("未到账原因"),
            {reason.text: lazy_gettext(reason.text) for reason in FAILURE_REASONS},
            Payment.failure_reason,
        ),
    ),
    empty=lazy_gettext("没有发放失败或银行还在核实的明细。"),
    actions=(RESUBMIT, HOLD_BACK),
    loads=WITH_WHOM,
)

REISSUES = Listing(
    name="reissues",
    title=lazy_gettext("重发文件"),
    columns=(
        Column(
            "month",
            lazy_gettext("周期"),
            lambda row: row.cycle_month,
            sort=OfferFile.cycle_month,
            link=lambda row: url_for("disbursement.reissue", offer_id=row.id),
        ),
        Column("created", lazy_gettext("生成时间"), lambda row: row.created_at, kind="time", sort=OfferFile.created_at),
        Column("lines", lazy_gettext("笔数"), lambda row: row.line_count, kind="number", sort=OfferFile.line_count),
        Column("total", lazy_gettext("金额（元）"), lambda row: row.total_fen, kind="money", sort=OfferFile.total_fen),
        Column("downloaded", lazy_gettext("首次下载"), lambda row: row.downloaded_at, kind="time"),
        Column("withdrawn", lazy_gettext("撤回时间"), lambda row: row.cancelled_at, kind="time"),
    ),
    id=OfferFile.id,
    order="-month",
    empty=lazy_gettext("还没有重发文件。乡镇改正、主管部门推送以后，每月生成一个。"),
)
