"""The list of months."""

from flask import url_for
from flask_babel import lazy_gettext

from core.listing import ChoiceFilter, Column, Listing
from reconciliation.models import Month
from reconciliation.words import MONTH_STATES

MONTHS = Listing(
    name="reconciliation_months",
    title=lazy_gettext("月末对账"),
    columns=(
        Column(
            "month",
            lazy_gettext("月份"),
            lambda row: row.month,
            sort=Month.month,
            link=lambda row: url_for("reconciliation.month", month_id=row.id),
        ),
        Column(
            "state", lazy_gettext("状态"), lambda row: row.state, kind="status", states=MONTH_STATES, sort=Month.state
        ),
        Column("matched", lazy_gettext("最近核对"), lambda row: row.matched_at, kind="time", sort=Month.matched_at),
    ),
    id=Month.id,
    order="-month",
    filters=(ChoiceFilter("state", lazy_gettext("状态"), MONTH_STATES, Month.state),),
    empty=lazy_gettext("还没有对过账。月末请上传银行对账单。"),
)
