"""The list of what the checks have found in a roll."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask import url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import defaultload

from core import clock
from core.bulk_actions import BulkAction, BulkOutcome, Requirement
from core.listing import ChoiceFilter, Column, Listing
from core.money import format_yuan
from core.msgid import N_
from core.principal import Principal
from disbursement import operations, queries, rules
from disbursement.models import Payment, Roll, RollFinding
from disbursement.rules.checks import CheckKind
from disbursement.whom import WITH_WHOM, whom
from disbursement.words import CHECKS, SEVERITIES


def describe(finding: RollFinding) -> str:
    """A finding's facts in a sentence; what it is about stands beside it."""
    known = finding.known
    if finding.kind in (CheckKind.INCOMPATIBLE, CheckKind.TAKE_HIGHER, CheckKind.TAKE_DIFFERENCE):
        return _describe_other(finding)
    if finding.kind in (CheckKind.NOT_VALID, CheckKind.PARTLY_VALID):
        return str(gettext("没有生效的月份：%(months)s。", months=gettext("、").join(known.get("months", []))))
    if finding.kind == CheckKind.SHARED_CARD:
        return str(gettext("同一张卡上还有 %(people)s 个人。", people=known.get("people", 2)))
    if finding.kind == CheckKind.PAYEE_DIFFERS:
        payee, receiver = known.get("payee", ""), known.get("receiver", "")
        return str(gettext("登记的收款人是%(payee)s，花名册上领款的是%(receiver)s。", payee=payee, receiver=receiver))
    sentence = _MONEY_SENTENCES.get(finding.kind)
    if sentence is None:
        return ""
    shown = {
        name.removesuffix("_fen"): format_yuan(value) if name.endswith("_fen") else value
        for name, value in known.items()
    }
    batch = finding.roll.batch
    asked = {"year": batch.year, "department": batch.programme.department_name}
    return str(gettext(sentence) % (shown | asked))


_MONEY_SENTENCES = {
    CheckKind.TWICE_IN_BATCH.value: N_("%(period)s 的另一份花名册里也有，金额 %(other)s 元。"),
    CheckKind.TWICE_OVERLAPPING.value: N_("%(period)s 的花名册里也有，金额 %(other)s 元。"),
    CheckKind.AMOUNT.value: N_("按标准应为 %(expected)s 元，花名册写的是 %(found)s 元。"),
    CheckKind.BEYOND_PLAN.value: N_(
        "%(year)s 年的资金计划可用 %(available)s 元，本批次需要 %(wanted)s 元，还差 %(short)s 元。"
        "请找%(department)s向县财政局申请补充 %(year)s 年的资金计划，或者核减花名册。"
    ),
}


def _describe_other(finding: RollFinding) -> str:
    known = finding.known
    name = finding.other_programme.name if finding.other_programme else ""
    if "allowed_fen" in known:
        return str(
            gettext("同时享受“%(name)s”，这一项最多发 %(yuan)s 元。", name=name, yuan=format_yuan(known["allowed_fen"]))
        )
    return str(gettext("同时享受“%(name)s”。", name=name))


FINDINGS = Listing(
    name="findings",
    title=lazy_gettext("核查结果"),
    columns=(
        Column(
            "severity",
            lazy_gettext("轻重"),
            lambda row: row.severity,
            kind="status",
            states=SEVERITIES,
            sort=RollFinding.severity,
        ),
        Column("kind", lazy_gettext("发现"), lambda row: CHECKS.get(row.kind, row.kind), sort=RollFinding.kind),
        Column(
            "name",
            lazy_gettext("受益人"),
            lambda row: row.payment.name if row.payment else "",
            sort=Payment.name,
            link=lambda row: (
                url_for("disbursement.payment", payment_id=row.payment_id) if row.payment_id is not None else None
            ),
            note=lambda row: whom(row.payment) if row.payment else "",
        ),
        Column(
            "row",
            lazy_gettext("行"),
            lambda row: (row.payment.row or None) if row.payment else None,
            kind="number",
            sort=Payment.row,
        ),
        Column("facts", lazy_gettext("情况"), describe),
        Column("reason", lazy_gettext("通过的理由"), lambda row: row.explanation or ""),
        Column("by", lazy_gettext("写理由的人"), lambda row: row.explained_by_name),
    ),
    id=RollFinding.id,
    order="severity",
    search=(Payment.name,),
    search_hint=lazy_gettext("姓名"),
    filters=(
        ChoiceFilter("severity", lazy_gettext("轻重"), SEVERITIES, RollFinding.severity),
        ChoiceFilter("kind", lazy_gettext("发现"), CHECKS, RollFinding.kind),
    ),
    empty=lazy_gettext("没有发现问题。可以提交或审核。"),
    loads=(defaultload(RollFinding.payment).options(*WITH_WHOM),),
)


def findings_listing(roll: Roll) -> Listing:
    """The list with what can be done with the findings of this roll."""

    def explain(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        return operations.explain_findings(principal, roll, ids, reason, at=at)

    def strike(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        payments = queries.payments_of_findings(roll, list(ids))
        return operations.strike_payments(principal, roll, payments, reason, at=at)

    actions = []
    if roll.state in operations.UNDER_REVIEW:
        actions.append(
            BulkAction(
                "explain",
                lazy_gettext("写明理由后通过"),
                rules.EXPLAIN_FINDING,
                lazy_gettext("这些提示按同一个理由通过。理由会留下，由另一位同事写，不能是提交的人。"),
                explain,
                needs_reason=True,
                requires=(
                    Requirement(RollFinding.severity == "warning", lazy_gettext("必须解决的问题不能用理由通过。")),
                ),
            )
        )
    right = rules.striking_right(roll.state, hangs=queries.hangs_now(roll, clock.today()))
    if right is not None:
        actions.append(
            BulkAction(
                "strike",
                lazy_gettext("从花名册剔除"),
                right,
                lazy_gettext("剔除后不再发放给这些人员；以后可以恢复。"),
                strike,
                needs_reason=True,
                requires=(Requirement(RollFinding.payment_id.is_not(None), lazy_gettext("这一条说的是整份花名册。")),),
                kind="danger",
            )
        )
    return replace(FINDINGS, actions=tuple(actions))
